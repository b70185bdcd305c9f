const freeTries = 5;
const longestWaitSeconds = 15 * 60;
/** After a day without a try everything is forgotten. */
const forgetAfterHours = 24;

export interface Failures {
  readonly failures: number;
  readonly lastAt: Temporal.Instant;
}

/**
 * How long the next try must wait: five are free, then 1, 2, 4 … seconds up to 15 minutes, never for good, since a
 * lock for good is a weapon against whom it locks out. (reliability 1.3, 1)
 * @returns seconds, 0 when it may be tried now
 */
export function secondsToWait(so: Failures | undefined, now: Temporal.Instant): number {
  if (!so || isForgotten(so, now) || so.failures < freeTries) return 0;
  const wait = Math.min(2 ** (so.failures - freeTries), longestWaitSeconds);
  const passed = now.since(so.lastAt).total("seconds");
  return Math.max(0, Math.ceil(wait - passed));
}

export function isForgotten({ lastAt }: Failures, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(lastAt.add({ hours: forgetAfterHours }), now) <= 0;
}
