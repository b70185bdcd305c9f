import type { BridgeId } from "../bridges/bridge.ts";

/** What goes to the AMS. Bad e-mail sets its flag as an unsubscribe does, and is shown as what it is. (product 5.1) */
export const writebackTypes = ["unsubscribe", "resubscribe", "bad_email"] as const;
export type WritebackType = (typeof writebackTypes)[number];

/**
 * Where it stands (product 5.2). `ready` waits for its time, `processing` is in a session's hands, `sent` has reached the
 * AMS, `failed` was refused three times and waits for a person; a later decision took the place of a `superseded` one,
 * and a `withdrawn` one was taken back, both before they were sent.
 */
export const writebackStates = ["ready", "processing", "sent", "failed", "superseded", "withdrawn"] as const;
export type WritebackState = (typeof writebackStates)[number];

/** Days of the picture over the Writeback List. (product 5.3) */
export const daysShown = 30;

/** One decision about one person, on its way to the AMS. */
export interface Writeback {
  readonly id: number;
  readonly bridgeId: BridgeId;
  /** Customer key in the AMS. */
  readonly remoteId: string;
  /** Null once the person was erased here. */
  readonly subscriberId: number | null;
  /** The address it was decided about; null once it was erased here. */
  readonly email: string | null;
  readonly type: WritebackType;
  readonly decidedAt: Temporal.Instant;
  readonly reason: string | null;
  readonly state: WritebackState;
  /** A ready one is sent at the first tick from then on. */
  readonly dueAt: Temporal.Instant;
  /** Tries that the AMS refused, since it was made or somebody asked for another. */
  readonly tries: number;
  readonly endedAt: Temporal.Instant | null;
  /** What came of the last try, where it did not go through. */
  readonly errorKind: string | null;
  readonly errorMessage: string | null;
  /** What came over the wire: for those who look after the bridge. */
  readonly errorDetail: string | null;
  readonly supersededBy: number | null;
}

/** What is decided about people, for each of their customer keys. */
export interface WritebackDecision {
  readonly type: WritebackType;
  readonly at: Temporal.Instant;
  readonly reason: string | null;
  /** The AMS is told, and its flag left as it is: its people's own. (`lifts_nothing`: at first of Resubscribes alone) */
  readonly leavesFlag?: boolean;
}

/** Somebody whom a decision is about. Who has no customer key makes no writeback. (product 5.2) */
export interface WritebackPerson {
  /** The subscriber's id. */
  readonly id: number;
  readonly email: string;
  readonly remoteId: string | null;
}
