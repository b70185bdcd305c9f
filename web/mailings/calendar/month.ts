/** A day of a month as it is drawn: its date, and whether it is one of the month's own. */
export interface Day {
  /** `2026-11-23` */
  readonly date: string;
  readonly isOwn: boolean;
}

const iso = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
const partsOf = (month: string) => {
  const [year = 2000, number = 1] = month.split("-").map(Number);
  return { year, at: number - 1 };
};

/**
 * The whole weeks that a month lies in.
 * @param month `2026-11`
 * @param first the day that weeks begin with: 1 is Monday, 7 Sunday
 */
export function weeksOf(month: string, first: number): readonly (readonly Day[])[] {
  const { year, at } = partsOf(month);
  const lead = (new Date(Date.UTC(year, at, 1)).getUTCDay() - first + 7) % 7;
  const days = new Date(Date.UTC(year, at + 1, 0)).getUTCDate();
  return Array.from({ length: Math.ceil((lead + days) / 7) }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => {
      const date = iso(year, at, week * 7 + day - lead + 1);
      return { date, isOwn: date.startsWith(month) };
    }),
  );
}

/** The month so many after this one. */
export function monthAfter(month: string, many: number): string {
  const { year, at } = partsOf(month);
  return iso(year, at + many, 1).slice(0, 7);
}

/** The date that a zone's calendar shows at an instant. */
export function dateIn(timeZone: string, at: string | number): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(new Date(at));
}

/** The day that weeks begin with in a language's region: 1 is Monday, 7 Sunday. */
export function firstDayOf(locale: string): number {
  const known: Intl.Locale & { getWeekInfo?: () => { firstDay: number } } = new Intl.Locale(locale);
  return known.getWeekInfo?.().firstDay ?? 1;
}
