/** The last step before sending can be undone for so long. (product 4.2) */
export const countdownSeconds = 60;
const minutesLate = 60;
const minutesBetweenTries = 15;
/** The first, and one 15 and one 30 minutes later. (product 4.3) */
const mostTries = 3;

/**
 * Whether something that was due comes so late that a person is asked: more than 60 minutes, the bound not counted.
 * (product 4.2)
 */
export function isTooLate(dueAt: Temporal.Instant, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(now, dueAt.add({ minutes: minutesLate })) > 0;
}

/**
 * When failed syncs are tried again: 15 and 30 minutes after the first failure, then no more. (product 4.3)
 * @param tries how many there were
 * @param lastDueAt when the last try was due; null for the first
 * @returns null when a person must decide
 */
export function nextTryAt(
  tries: number,
  lastDueAt: Temporal.Instant | null,
  now: Temporal.Instant,
): Temporal.Instant | null {
  if (tries >= mostTries) return null;
  const next = (lastDueAt ?? now).add({ minutes: minutesBetweenTries });
  return Temporal.Instant.compare(next, now) < 0 ? now : next;
}

/** How the sync of one group of the audience stands, in the round at hand. */
export interface GroupStanding {
  readonly groupName: string;
  readonly state: "fresh" | "not_asked" | "open" | "held" | "failed";
  /** Why it is held or failed. */
  readonly reason: string | null;
}

export type RoundVerdict =
  | { readonly verdict: "ask" | "wait" | "fresh" }
  | { readonly verdict: "held" | "failed"; readonly message: string };

/**
 * What a round of syncs comes to: a held one stops the publish at once, a failed one when all have ended.
 * (product 1.5, 4.3)
 */
export function judgeRound(groups: readonly GroupStanding[]): RoundVerdict {
  const held = groups.filter(({ state }) => state === "held");
  if (held.length > 0) return { verdict: "held", message: describe(held) };
  if (groups.some(({ state }) => state === "not_asked")) return { verdict: "ask" };
  if (groups.some(({ state }) => state === "open")) return { verdict: "wait" };
  const failed = groups.filter(({ state }) => state === "failed");
  return failed.length > 0 ? { verdict: "failed", message: describe(failed) } : { verdict: "fresh" };
}

const mostNamed = 3;

function describe(groups: readonly GroupStanding[]): string {
  const named = groups
    .slice(0, mostNamed)
    .map(({ groupName, reason }) => `'${groupName}': ${(reason ?? "no reason given").replace(/[.\s]+$/, "")}`);
  const more = groups.length - named.length;
  return `${named.join(" · ")}${more > 0 ? ` · and ${more} more` : ""}`;
}
