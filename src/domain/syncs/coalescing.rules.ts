import type { Sync, Trigger } from "./sync.ts";

export type Coalescing =
  /** A new sync answers the request. */
  | { readonly answer: "queued" }
  /** One that waits or runs answers it. */
  | { readonly answer: "joined"; readonly sync: Sync }
  /** Nobody reads this group until an administrator decides about the held one. */
  | { readonly answer: "held"; readonly sync: Sync };

/**
 * Whether a request joins an open sync of the same group (or of the same bridge's list) or gets one of its own. A
 * request while one waits joins it; while one runs, it gets the next run only if it could miss something: a publish
 * must not go to people read before it was asked for. (product 1.4)
 */
export function joinOrQueue(
  open: readonly Sync[],
  request: { readonly trigger: Trigger; readonly isDryRun: boolean },
): Coalescing {
  const same = open.filter((sync) => sync.isDryRun === request.isDryRun);
  const held = open.find((sync) => sync.state === "held");
  if (held && !request.isDryRun) return { answer: "held", sync: held };
  const waiting = same.find((sync) => sync.state === "queued");
  if (waiting) return { answer: "joined", sync: waiting };
  const running = same.find((sync) => sync.state !== "held");
  if (running && request.trigger !== "publish" && !running.cancelRequestedBy)
    return { answer: "joined", sync: running };
  return { answer: "queued" };
}

/** Lower goes first: publish before what a person waits for, that before the night. (product 1.4) */
export function priorityOf(trigger: Trigger): number {
  if (trigger === "publish") return 10;
  return trigger === "nightly" ? 30 : 20;
}
