/** What a database knows of where it was last at work. */
export interface Whereabouts {
  /** See `store.ts`: which server, which database of it, which folder. */
  readonly place: string;
  readonly seenAt: Temporal.Instant;
}

const longestGapHours = 24;

/**
 * Why sending and writebacks must wait for somebody's word, or null when all is as it was. A copy may lie anywhere, and
 * its original may still be at work; bounds are inclusive. (product 6.3)
 */
export function whyPause(last: Whereabouts, place: string, now: Temporal.Instant): string | null {
  if (last.place !== place)
    return "This database was last at work in another place: it is a copy, or was moved. Its original may still be sending.";
  if (isGap(last.seenAt, now)) {
    const hours = Math.floor(now.since(last.seenAt).total("hours"));
    return `No worker was seen for ${hours} hours: what happened meanwhile, and whether another installation took over, is not known here.`;
  }
  return null;
}

/** Whether nobody was at work for longer than a day. */
export function isGap(seenAt: Temporal.Instant, now: Temporal.Instant): boolean {
  return now.since(seenAt).total("hours") > longestGapHours;
}

/** What somebody must know before a restored state goes on. (product 2.6) */
export function erasuresUnknown(since: Temporal.Instant): string {
  const at = since.toString({ smallestUnit: "minute" }).replace("T", " ").replace("Z", " UTC");
  return `Whoever was erased on request after ${at} is back in this restored state, and nobody has told it whom.`;
}
