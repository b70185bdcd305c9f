import { sql } from "kysely";
import { enqueue } from "../../platform/jobs.ts";
import type { Context } from "../context.ts";
import { selectBridgesWithWork } from "./claim-store.ts";
import { bridgeJob, nightlyJob } from "./jobs.ts";
import { selectOpenNightlyRuns } from "./nightly-store.ts";
import { dropStaging, selectLeftStaging } from "./staging-store.ts";

/**
 * Finds work that nobody is on and hands it out again: jobs of dead workers, interrupted syncs, runs that wait. Every
 * worker process does so at its start and every few seconds; a healthy system gives it nothing to do.
 * @returns how many dead workers' jobs were freed
 */
export async function sweep(ctx: Context): Promise<number> {
  return ctx.db.system(async (tx) => {
    const freed = await sql<{ freed: number }>`select free_jobs_of_dead_workers() as freed`.execute(tx);
    for (const { accountId, bridgeId, priority } of await selectBridgesWithWork(tx)) {
      await enqueue(tx, bridgeJob, { accountId, bridgeId }, { key: `sweep:${bridgeId}`, priority });
    }
    for (const { accountId, runId } of await selectOpenNightlyRuns(tx)) {
      await enqueue(tx, nightlyJob, { accountId, runId }, { key: `nightly:${runId}` });
    }
    return freed.rows[0]?.freed ?? 0;
  });
}

/** Drops what reads left behind: tables of ended syncs, and dry runs that have been looked at for a day. */
export async function cleanStaging(ctx: Context): Promise<void> {
  for (const { accountId, id } of await ctx.db.system((tx) => selectLeftStaging(tx, ctx.clock.now()))) {
    await ctx.db.transaction(accountId, (tx) => dropStaging(tx, id));
  }
}
