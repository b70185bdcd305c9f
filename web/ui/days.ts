/**
 * The instant at which a day of a time zone's calendar begins, as the API writes instants.
 * @param date `2026-11-23`
 * @param later days after it
 */
export function startOfDay(date: string, timeZone: string, later = 0): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const midnight = Date.UTC(year, month - 1, day + later);
  // The zone's distance from UTC, asked for twice: around a change of clocks the first answer may be the other side's.
  const guess = midnight - offsetAt(midnight, timeZone);
  return new Date(midnight - offsetAt(guess, timeZone)).toISOString();
}

function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - at;
}

/** A length of days in words: whole years as such. */
export function daysInWords(days: number): string {
  const years = days / 365;
  if (Number.isInteger(years)) return years === 1 ? "1 year" : `${years} years`;
  return days === 1 ? "1 day" : `${days} days`;
}
