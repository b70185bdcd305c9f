const tenMinutesMs = 600_000;

/** A date of HTTP begins with its weekday. (RFC 9110, 5.6.7) */
const dateForm = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * What a busy server asks for with Retry-After, in milliseconds. (RFC 9110, 10.2.3)
 * @param answeredAt when the server says it answered: a date is measured by its clock, which may be wrong
 * @param longestMs what is asked for beyond it is not granted; ten minutes
 * @returns undefined when it asks for nothing that can be understood
 */
export function retryAfterMs(
  header: string | undefined,
  answeredAt: string | undefined,
  now: Temporal.Instant,
  longestMs = tenMinutesMs,
): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,10}$/.test(header)) return Math.min(Number(header) * 1000, longestMs);
  const until = parseHttpDate(header);
  if (until === undefined) return undefined;
  const from = (answeredAt === undefined ? undefined : parseHttpDate(answeredAt)) ?? now.epochMilliseconds;
  return Math.min(Math.max(until - from, 0), longestMs);
}

/** The form of today and the two old ones, which are still to be read; the oldest names no zone. */
function parseHttpDate(text: string): number | undefined {
  if (!dateForm.test(text)) return undefined;
  const milliseconds = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
