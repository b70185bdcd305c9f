/** Rows of one table, by the month they are of: `{ "2026-11": 1200 }`. */
export type Months = Readonly<Record<string, number>>;

export const keptSettings = ["mailingDetailKeptDays", "syncDetailKeptDays"] as const;
/** What says how long rows are kept, of those tables whose rows go. */
export type KeptSetting = (typeof keptSettings)[number];

const governed: Readonly<Record<string, KeptSetting>> = {
  mailing_activity: "mailingDetailKeptDays",
  instance_exclusion: "mailingDetailKeptDays",
  sync_event: "syncDetailKeptDays",
  nightly_verdict: "syncDetailKeptDays",
  rejected_row: "syncDetailKeptDays",
};

/** The setting that a table's rows go by, or null where they stay. */
export function settingOf(table: string): KeptSetting | null {
  return governed[table] ?? null;
}

/**
 * How many rows would go if a table's were kept so many days: those of months that lie wholly before. The month that
 * the bound is in is left out, so it is never more than what a night then removes.
 */
export function rowsOlderThan(months: Months, days: number, now: Temporal.Instant): number {
  const bound = now
    .subtract({ hours: days * 24 })
    .toString()
    .slice(0, 7);
  return Object.entries(months).reduce((sum, [month, rows]) => (month < bound ? sum + rows : sum), 0);
}

/** A part of a table's bytes, as if all its rows were equally large. */
export function bytesOf(rows: number, table: { readonly rows: number; readonly bytes: number }): number {
  return table.rows === 0 ? 0 : Math.round((table.bytes * Math.min(rows, table.rows)) / table.rows);
}
