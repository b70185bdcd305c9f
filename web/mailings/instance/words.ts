import type { Schema } from "../../api/client.ts";
import type { Tone } from "../../ui/sync-words.ts";

export type Instance = Schema<"Instance">;
export type InstanceState = Instance["state"];
export type Reason = keyof Schema<"ExclusionCounts">;
export type RecipientState = keyof Schema<"RecipientCounts">;

/** The words for where a publishing is, and how loud each is. */
export const instanceWords: Record<InstanceState, { readonly word: string; readonly tone: Tone }> = {
  scheduled: { word: "Scheduled", tone: "quiet" },
  syncing: { word: "Syncing groups", tone: "busy" },
  building: { word: "Building audience", tone: "busy" },
  counting_down: { word: "About to send", tone: "warn" },
  sending: { word: "Sending", tone: "busy" },
  paused: { word: "Paused", tone: "warn" },
  on_hold: { word: "On hold", tone: "bad" },
  sent: { word: "Sent", tone: "good" },
  cancelled: { word: "Cancelled", tone: "quiet" },
};

/** Why somebody of the audience isn't written to. (product 4.2) */
export const reasonWords: Record<Reason, string> = {
  excluded_group: "In a group not to send to",
  do_not_email: "Do not e-mail (netFORUM Pro)",
  unsubscribed: "Unsubscribed here",
  bad_email: "Bad e-mail",
  duplicate_address: "Same address as somebody else",
  already_sent: "Got this mailing before",
  erased: "Erased on request",
};

/** What became of one recipient. (product 4.4) */
export const recipientWords: Record<RecipientState, { readonly word: string; readonly tone: Tone }> = {
  waiting: { word: "Waiting", tone: "quiet" },
  claimed: { word: "In hand", tone: "busy" },
  handing_over: { word: "Being handed over", tone: "busy" },
  sent: { word: "Sent", tone: "good" },
  deferred: { word: "Tried again later", tone: "warn" },
  bounced: { word: "Bounced", tone: "bad" },
  refused: { word: "Refused", tone: "bad" },
  unsure: { word: "Unsure", tone: "warn" },
  cancelled: { word: "Cancelled", tone: "quiet" },
};

/** The reasons that hold for anybody, the largest first. */
export function largestReasons(counts: Readonly<Record<Reason, number>>): readonly (readonly [Reason, number])[] {
  return (Object.entries(counts) as [Reason, number][])
    .filter(([, people]) => people > 0)
    .sort(([, a], [, b]) => b - a);
}

/** Whether it goes on by itself, so that the page looks again and again. */
export function isMoving(state: InstanceState): boolean {
  return state === "syncing" || state === "building" || state === "counting_down" || state === "sending";
}
