import { type Context, inAccount } from "../domain/context.ts";
import { deliver } from "../domain/mailings/delivery/deliver.ts";
import { deliverJob } from "../domain/mailings/jobs.ts";
import { enqueue, handle } from "../platform/jobs.ts";

/** How long one job stays with a mailing before others have their turn: a large one must not keep syncs waiting. */
const turnMilliseconds = 15_000;

export const deliverMailingJob = (ctx: Context) =>
  handle(deliverJob, async ({ accountId, instanceId }, run) => {
    const own = inAccount(ctx, accountId, "worker");
    const end = ctx.clock.monotonicMs() + turnMilliseconds;
    const isMoreLeft = await deliver(own, instanceId, run, () => ctx.clock.monotonicMs() >= end);
    if (isMoreLeft)
      await ctx.db.transaction(accountId, (tx) =>
        enqueue(tx, deliverJob, { accountId, instanceId }, { key: `deliver:${instanceId}` }),
      );
  });
