import { type OpenTracking, openTrackings } from "../accounts/account.ts";
import type { UserId } from "../accounts/user.ts";
import type { FrozenContent } from "./frozen-content.ts";
import type { InstanceId, MailingId, MailingState } from "./mailing.ts";

export const instanceStates = [
  "scheduled",
  "syncing",
  "building",
  "counting_down",
  "sending",
  "paused",
  "on_hold",
  "sent",
  "cancelled",
] as const;
export type InstanceState = (typeof instanceStates)[number];
/** A state in which something happens, or waits for its time: what a paused or held one goes on in. */
export type ActiveState = Exclude<InstanceState, "paused" | "on_hold" | "sent" | "cancelled">;

/** Why an instance waits for a person. (product 4.2–4.4, 1.5) */
export const holdKinds = [
  "sync_failed",
  "sync_held",
  "growth",
  "too_late",
  "nobody",
  "policy_refusals",
  "hard_bounces",
  "connection",
  "content",
  "sender",
  "copied_database",
] as const;
export type HoldKind = (typeof holdKinds)[number];

export { type OpenTracking, openTrackings };

/** One publishing of a mailing: a durable workflow. (product 4.2) */
export interface Instance {
  readonly id: InstanceId;
  readonly mailingId: MailingId;
  readonly name: string;
  readonly state: InstanceState;
  readonly resumesIn: ActiveState | null;
  readonly content: FrozenContent;
  readonly openTracking: OpenTracking;
  /** The name of its opt-out category when it was published. */
  readonly optOutCategory: string | null;
  readonly ownerId: UserId | null;
  readonly publishedAt: Temporal.Instant;
  readonly publishedBy: string;
  readonly dueAt: Temporal.Instant;
  readonly syncingAt: Temporal.Instant | null;
  readonly buildingAt: Temporal.Instant | null;
  readonly builtAt: Temporal.Instant | null;
  /** Until then the start of sending can be undone. */
  readonly sendFrom: Temporal.Instant | null;
  readonly sendingAt: Temporal.Instant | null;
  readonly finishedAt: Temporal.Instant | null;
  /** Rounds count on; each group has a row for the round in which it was asked for. */
  readonly syncRound: number;
  /** The round that the publish, or a person's "try again", began with. */
  readonly firstSyncRound: number;
  readonly retryAt: Temporal.Instant | null;
  readonly mayUseLastGood: boolean;
  readonly isGrowthConfirmed: boolean;
  /** How many people the publisher saw and said yes to; null where nobody said a number. */
  readonly confirmedRecipients: number | null;
  readonly holdKind: HoldKind | null;
  readonly holdMessage: string | null;
  readonly heldAt: Temporal.Instant | null;
  readonly cancelledBy: string | null;
  readonly audience: number;
  readonly recipients: number;
  readonly excluded: number;
  readonly version: number;
}

/** What a mailing is called after its instance. */
export function mailingStateOf(state: InstanceState): MailingState {
  switch (state) {
    case "scheduled":
    case "on_hold":
    case "sent":
    case "cancelled":
      return state;
    default:
      return "in_progress";
  }
}
