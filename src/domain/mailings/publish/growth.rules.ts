/** What an audience is measured against, and where that number comes from. */
export interface Baseline {
  readonly people: number;
  /** How many there are now, counted in the same way. */
  readonly now: number;
  readonly source: "last_publish" | "median" | "confirmed";
}

const growthPercent = 50;
const growthPeople = 500;

/**
 * Whether an audience has grown so much that the publisher must say yes to it: more than 50 % and more than 500 people
 * larger. A query that lost its filter mails everybody. Both bounds are exclusive. (product 1.5)
 */
export function hasGrown(now: number, before: number): boolean {
  return now - before > growthPeople && now * 100 > before * (100 + growthPercent);
}

/**
 * The growth that must be confirmed, or null when there is none.
 * @param baselines the last publish to it, else the groups' median of 30 days; and what the publisher saw
 * @param confirmed how many people somebody said yes to: more than half again as many needs another yes
 */
export function growthToConfirm(
  baselines: readonly Baseline[],
  audience: number,
  confirmed: number | null,
): Baseline | null {
  if (confirmed !== null && !hasGrown(audience, confirmed)) return null;
  return baselines.find(({ people, now }) => hasGrown(now, people)) ?? null;
}
