import type { AmsErrorKind, FieldName, QueryKey } from "../../connectors/connector.ts";
import { must } from "../../platform/errors.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { ListChanges } from "../bridges/field-store.ts";
import type { GroupId } from "../target-groups/target-group.ts";

export type SyncId = string & { readonly __brand: "SyncId" };
export type NightlyRunId = string & { readonly __brand: "NightlyRunId" };

/** What may start a sync. `campaign`, `api` and `cli` come by the same door as the six of 1.3; `upload` imports a file. */
export const triggers = [
  "login",
  "folder_refresh",
  "bridge_refresh",
  "resync",
  "publish",
  "nightly",
  "campaign",
  "api",
  "cli",
  "upload",
] as const;
export type Trigger = (typeof triggers)[number];

/** What asked for a sync, and on whose behalf. */
export interface Cause {
  readonly trigger: Trigger;
  readonly by: string;
  readonly nightlyRunId?: NightlyRunId | undefined;
}

export const syncStates = [
  "queued",
  "reading",
  "comparing",
  "applying",
  "succeeded",
  "failed",
  "held",
  "cancelled",
] as const;
export type SyncState = (typeof syncStates)[number];

/**
 * What a sync may wait for. The first two end it as soon as a worker looks; then another sync of the same group or list
 * (1.4), an AMS that didn't answer, a session with it, and its turn, when nothing is in its way but those before it.
 */
export const waitReasons = [
  "bridge_inactive",
  "bridge_needs_attention",
  "other_sync",
  "no_answer",
  "session",
  "turn",
] as const;

export interface Wait {
  readonly reason: (typeof waitReasons)[number];
  /** `other_sync`: which; `session`: the one that has it longest, null when no sync has one. */
  readonly syncId: SyncId | null;
  /** `no_answer`: when the AMS is tried again, which may be past. RFC 3339, in UTC. */
  readonly until: string | null;
}

/** What a list sync did: at most 200 names of each kind, and how many there were. */
export interface RecordedChanges extends ListChanges {
  readonly counts: { readonly [Change in keyof ListChanges]: number };
}

export const syncKinds = ["list", "subscriber", "upload"] as const;
export type SyncKind = (typeof syncKinds)[number];

/** One run of either sync, or of an upload's import: a record that stays. */
export interface Sync {
  readonly id: SyncId;
  /** Null for an upload, which no AMS is asked about. */
  readonly bridgeId: BridgeId | null;
  /** Null for a list sync. */
  readonly groupId: GroupId | null;
  readonly groupName: string | null;
  /** What its group is in the AMS. */
  readonly queryKey: QueryKey | null;
  readonly kind: SyncKind;
  readonly isDryRun: boolean;
  readonly state: SyncState;
  readonly trigger: Trigger;
  readonly requestedBy: string;
  readonly priority: number;
  readonly requestedAt: Temporal.Instant;
  /** How many of its bridge go before it while it waits; null once it began. */
  readonly waitsBehind: number | null;
  /** What keeps it from beginning while it waits; null once it began. */
  readonly waitsFor: Wait | null;
  readonly startedAt: Temporal.Instant | null;
  readonly finishedAt: Temporal.Instant | null;
  /** Last sign of life of the read. */
  readonly progressAt: Temporal.Instant | null;
  readonly attempt: number;
  readonly nightlyRunId: NightlyRunId | null;
  readonly cancelRequestedBy: string | null;
  /** What its read asks for besides address and key; null before it began. */
  readonly fields: readonly FieldName[] | null;
  /** Fields that are not kept, read for the mailings that wait for this sync. (product 2.5) */
  readonly extraFields: readonly FieldName[];
  readonly rowsRead: number;
  /** What the group's last read had: an estimate, null before the first. */
  readonly rowsExpected: number | null;
  readonly rowsApplied: number;
  readonly unusable: number;
  readonly withoutAddress: number;
  readonly malformedAddress: number;
  readonly duplicate: number;
  readonly distinctValid: number;
  readonly membersBefore: number;
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
  readonly sendable: number | null;
  readonly listChanges: {
    readonly groups: RecordedChanges;
    readonly fields: RecordedChanges;
    /** Absent where the AMS doesn't offer any. */
    readonly optOutCategories?: RecordedChanges;
  } | null;
  readonly errorKind: AmsErrorKind | "internal" | null;
  readonly errorMessage: string | null;
  readonly errorDetail: string | null;
  readonly heldReason: string | null;
  readonly decidedBy: string | null;
}

/** The bridge of a sync that has one: every one but an upload. */
export function bridgeOf({ bridgeId }: Sync): BridgeId {
  return must(bridgeId, "a sync with the AMS has a bridge");
}

export function isEnded(state: SyncState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** What went wrong with a sync, in the words it is shown with. */
export interface SyncFailure {
  readonly kind: AmsErrorKind | "internal";
  readonly message: string;
  readonly detail: string | undefined;
}
