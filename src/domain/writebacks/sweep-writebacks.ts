import { enqueue } from "../../platform/jobs.ts";
import { deleteSession, markLostSessions, selectLostSessions } from "../bridges/session-store.ts";
import type { Context } from "../context.ts";
import { writebackJob } from "./jobs.ts";
import { openSessions } from "./open-sessions.ts";
import { releaseWritebacks, selectBridgesWithDue } from "./send-store.ts";

/** So long after a process died, what it sent last has ended in the AMS: only then can the AMS be asked what it did. */
const graceSeconds = 5;

/**
 * Finds what nobody is on: writebacks in the hands of processes that died, and bridges with something due. What was in
 * dead hands may have been under way: the AMS is asked before it is sent again. (product 5.2)
 */
export async function sweepWritebacks(ctx: Context, processId: string): Promise<void> {
  await ctx.db.system(async (tx) => {
    const now = ctx.clock.now();
    await markLostSessions(tx, processId, [...openSessions], now);
    for (const { accountId, bridgeId, id } of await selectLostSessions(tx, now.subtract({ seconds: graceSeconds }))) {
      const freed = await releaseWritebacks(tx, accountId, id, null, now);
      await deleteSession(tx, accountId, id);
      ctx.log.warn({ account: accountId, bridge: bridgeId, freed }, "freed a dead worker's writebacks");
    }
    for (const { accountId, bridgeId } of await selectBridgesWithDue(tx, now))
      await enqueue(tx, writebackJob, { accountId, bridgeId }, { key: `writebacks:${bridgeId}` });
  });
}
