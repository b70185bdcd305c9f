import { type Context, inAccount } from "../domain/context.ts";
import { writebackJob } from "../domain/writebacks/jobs.ts";
import { sendWritebacks } from "../domain/writebacks/send-writebacks.ts";
import { enqueue, handle } from "../platform/jobs.ts";

/** How long one job stays with a bridge's writebacks before others have their turn: it mostly waits for the AMS. */
const turnMilliseconds = 60_000;

export const sendWritebacksJob = (ctx: Context) =>
  handle(writebackJob, async ({ accountId, bridgeId }, run) => {
    const own = inAccount(ctx, accountId, "worker");
    const end = ctx.clock.monotonicMs() + turnMilliseconds;
    const isMoreLeft = await sendWritebacks(own, bridgeId, run, () => ctx.clock.monotonicMs() >= end);
    if (isMoreLeft)
      await ctx.db.transaction(accountId, (tx) =>
        enqueue(tx, writebackJob, { accountId, bridgeId }, { key: `writebacks:${bridgeId}` }),
      );
  });
