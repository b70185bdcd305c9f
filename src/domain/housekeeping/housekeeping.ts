import { removedAtOnceKinds } from "../accounts/removed-between-nights.ts";

export type HousekeepingRunId = string & { readonly __brand: "HousekeepingRunId" };

export const removedKinds = [
  "activity",
  "left_out",
  "sync_events",
  "rejected_rows",
  "verdicts",
  ...removedAtOnceKinds,
] as const;
/**
 * What a night removes, row by row: what came back from mailings, who was left out of them, detail of syncs, old versions
 * of mailings. And what went by itself since the night before: people's values, and files.
 */
export type RemovedKind = (typeof removedKinds)[number];

/** One night's housekeeping of an account: what its settings don't keep any longer goes. */
export interface HousekeepingRun {
  readonly id: HousekeepingRunId;
  /** The night it is for, by the account's calendar. */
  readonly localDate: string;
  /** `schedule`, or who asked for it. */
  readonly causedBy: string;
  readonly askedAt: Temporal.Instant;
  readonly startedAt: Temporal.Instant | null;
  readonly finishedAt: Temporal.Instant | null;
  /** Time at work, over all processes that had it. */
  readonly workedMs: number;
  /** Rows that went, by kind. */
  readonly removed: Readonly<Partial<Record<RemovedKind, number>>>;
  /** What could not be done, by step; the next run tries again. */
  readonly errors: Readonly<Record<string, string>>;
}
