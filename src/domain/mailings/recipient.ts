import type { InstanceId } from "./mailing.ts";

/**
 * `waiting → claimed → handing_over → sent | bounced | refused | deferred | unsure`; `deferred` waits for its time.
 * *Unsure* was cut off in the one moment in which nobody can know; it is never sent again by itself. (product 4.4)
 * *Refused* is the sender's or the mailing's fault: it says nothing about the person.
 */
export const recipientStates = [
  "waiting",
  "claimed",
  "handing_over",
  "sent",
  "deferred",
  "bounced",
  "refused",
  "unsure",
  "cancelled",
] as const;
export type RecipientState = (typeof recipientStates)[number];

export const exclusionReasons = [
  "excluded_group",
  "do_not_email",
  "unsubscribed",
  "bad_email",
  "duplicate_address",
  "already_sent",
  /** Erased on request, and in a group nonetheless: by a restored state, say. (product 2.6) */
  "erased",
] as const;
/** Why somebody of the audience isn't written to. (product 4.2) */
export type ExclusionReason = (typeof exclusionReasons)[number];

/** One recipient of one instance, as tokens in its links name them. */
export interface RecipientRef {
  readonly instance: InstanceId;
  /** From 1 on. */
  readonly place: number;
}
