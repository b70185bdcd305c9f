/** Seconds from a failed try to the next: three days and some hours in all. (Standard Webhooks, delivery) */
const waits = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;
/** A tenth more or less, so that what failed together doesn't come back together. */
const jitter = 0.1;

/**
 * When a failed delivery is tried again, or null when it is given up.
 * @param tries how often it was tried, this one included
 * @param retryAfterMs what the receiver asked for: never sooner
 * @param random from 0 up to, not including, 1
 */
export function nextTryAt(
  tries: number,
  now: Temporal.Instant,
  retryAfterMs: number | undefined,
  random: number,
): Temporal.Instant | null {
  const wait = waits[tries - 1];
  if (wait === undefined) return null;
  const milliseconds = wait * 1000 * (1 + jitter * (2 * random - 1));
  return now.add({ milliseconds: Math.round(Math.max(milliseconds, retryAfterMs ?? 0)) });
}

/** So many failures in a row are bad luck; from then on the webhook is left alone between tries. */
const failuresBorne = 3;
const longestPauseSeconds = 600;

/**
 * Until when a webhook is left alone that has just failed, whatever waits for it: ten thousand events must not knock at
 * a dead door ten times each.
 * @returns null when it isn't
 */
export function pausedUntil(
  failuresInARow: number,
  now: Temporal.Instant,
  retryAfterMs: number | undefined,
): Temporal.Instant | null {
  const doublings = failuresInARow - failuresBorne;
  const seconds = doublings < 0 ? 0 : Math.min(10 * 2 ** Math.min(doublings, 10), longestPauseSeconds);
  const milliseconds = Math.max(seconds * 1000, retryAfterMs ?? 0);
  return milliseconds === 0 ? null : now.add({ milliseconds });
}

/** After so many days of nothing but failures, and as many failures as make an accident unlikely, it is switched off. */
const failingBounds = { days: 5, failures: 10 } as const;

export function isHopeless(failingSince: Temporal.Instant, failuresInARow: number, now: Temporal.Instant): boolean {
  const end = failingSince.add({ hours: 24 * failingBounds.days });
  return failuresInARow >= failingBounds.failures && Temporal.Instant.compare(end, now) <= 0;
}

/** Calls to one webhook at once: one while it fails. */
export function callsAtOnce(failuresInARow: number): number {
  return failuresInARow > 0 ? 1 : 4;
}
