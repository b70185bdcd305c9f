/** So long after its time a writeback has waited for a session that syncs keep taking: one is left to it. */
export const overdueMinutes = 15;
/** Who asked in vain so long ago asks no more: nothing is kept for those whom nobody sends. */
export const askedSeconds = 30;
/** With a turn behind them they wait so long before another is kept for them: syncs have the time between. */
export const turnPauseMinutes = 2;

/** How a bridge's sessions stand, for who decides about one more for writebacks. */
export interface Shares {
  readonly limit: number;
  /** Sessions in all hands. */
  readonly taken: number;
  /** Of these, those of writebacks. */
  readonly writebacks: number;
  /** Syncs wait for a session. */
  readonly syncsWait: boolean;
  /** Writebacks have waited too long. */
  readonly isOverdue: boolean;
}

/**
 * Most sessions that writebacks may have: all, while no sync waits; else half of them, rounded down, so that nobody
 * waits at a page for a day's unsubscribes. Overdue ones have one in any case.
 */
function mostForWritebacks({ limit, syncsWait, isOverdue }: Shares): number {
  if (!syncsWait) return limit;
  return Math.max(Math.floor(limit / 2), isOverdue ? 1 : 0);
}

/** Whether writebacks may open another session. (product 1.4) */
export function mayOpenSession(shares: Shares): boolean {
  return shares.taken < shares.limit && shares.writebacks < mostForWritebacks(shares);
}

/** Whether writebacks give one of their sessions to the syncs that wait. */
export function mustGiveSession(shares: Shares): boolean {
  return shares.writebacks > mostForWritebacks(shares);
}
