import type { AccountContext } from "../context.ts";
import { selectRunStanding } from "./run-store.ts";
import type { Sync } from "./sync.ts";

/** How often a running sync looks whether somebody cancelled it, or took it over. */
const watchMilliseconds = 1000;

/** Aborts the run's signal when somebody cancels it, another process takes it over, or this one is asked to stop. */
export function watchRun(ctx: AccountContext, sync: Sync, processSignal: AbortSignal) {
  const abort = new AbortController();
  let standing: "running" | "cancelled" | "lost" = "running";
  const timer = setInterval(async () => {
    try {
      const now = await ctx.db.transaction(ctx.accountId, (tx) => selectRunStanding(tx, ctx.accountId, sync));
      if (now === "running" || abort.signal.aborted) return;
      standing = now;
      abort.abort(new Error(`the sync is ${now}`));
    } catch {
      // The database is away: the run's own statements will say so.
    }
  }, watchMilliseconds);
  return {
    signal: AbortSignal.any([abort.signal, processSignal]),
    standing: () => standing,
    stop: () => clearInterval(timer),
  };
}
