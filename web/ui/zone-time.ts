/** What a time of a zone's clock is: the clock shows it once, never (it is put forward), or twice (it is put back). */
export type ZoneTime =
  | { readonly kind: "once"; readonly at: string }
  | { readonly kind: "never"; readonly next: string }
  | { readonly kind: "twice"; readonly first: string; readonly second: string };

const hourMs = 3600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What a zone's clock shows at an instant, as if it were UTC: milliseconds. */
function shownAt(at: number, timeZone: string): number {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-u-hc-h23", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  formats.set(timeZone, format);
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The instants at which a zone's clock shows a time.
 * @param local `2026-10-25T02:30`, by that clock
 * @returns null when it is no time at all
 */
export function readZoneTime(local: string, timeZone: string): ZoneTime | null {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(local)) return null;
  const wanted = Date.parse(`${local.slice(0, 16).replace(" ", "T")}Z`);
  if (Number.isNaN(wanted)) return null;
  // A day before and a day after: one of the two offsets holds, or both, or the time lies in the gap between them.
  const offsets = [-24, 24].map((hours) => {
    const near = wanted + hours * hourMs;
    return shownAt(near, timeZone) - near;
  });
  const instants = [...new Set(offsets.map((offset) => wanted - offset))]
    .filter((at) => shownAt(at, timeZone) === wanted)
    .sort((a, b) => a - b);
  const [first, second] = instants.map((at) => new Date(at).toISOString());
  if (first !== undefined && second !== undefined) return { kind: "twice", first, second };
  if (first !== undefined) return { kind: "once", at: first };
  return { kind: "never", next: new Date(wanted - Math.min(...offsets)).toISOString() };
}
