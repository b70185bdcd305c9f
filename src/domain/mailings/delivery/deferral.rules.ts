const quarterHour = Temporal.Duration.from({ minutes: 15 });
const day = Temporal.Duration.from({ hours: 24 });
/** After so long a receiver that says "later" has said no. (reliability 1.4 F) */
const patience = Temporal.Duration.from({ hours: 48 });

/**
 * When a deferred recipient is tried again: after 15, 30, 60 … minutes, a day at most; null when it has been put off for
 * 48 hours, which makes it a soft bounce.
 * @param tries how often it has been tried, this time included
 */
export function nextTryAt(
  tries: number,
  firstTriedAt: Temporal.Instant,
  now: Temporal.Instant,
): Temporal.Instant | null {
  if (Temporal.Duration.compare(now.since(firstTriedAt), patience) >= 0) return null;
  const wait = Math.min(quarterHour.total("minutes") * 2 ** Math.max(0, tries - 1), day.total("minutes"));
  return now.add({ minutes: wait });
}
