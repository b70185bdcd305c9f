import { enqueue } from "../../../platform/jobs.ts";
import type { Context } from "../../context.ts";
import { deliverJob } from "../jobs.ts";
import { isDelivering } from "./deliver.ts";
import { freeRecipients, selectHands, selectInstancesToDeliver } from "./sweep-store.ts";

/**
 * Finds what nobody is on: recipients in the hands of processes that died, and instances with somebody to send to.
 * Who was claimed waits again; who was being handed over is *unsure*, for nobody can know. (product 4.4)
 */
export async function sweepDeliveries(ctx: Context, processId: string): Promise<void> {
  await ctx.db.system(async (tx) => {
    for (const hand of await selectHands(tx)) {
      // With this process's own name, but no run of it: that run ended without a word.
      const isForgotten = hand.claimedBy === processId && !isDelivering(processId, hand.instanceId);
      if (!isForgotten && (hand.claimedBy === processId || hand.isAlive)) continue;
      const { waiting, unsure } = await freeRecipients(tx, hand);
      ctx.log.warn(
        { account: hand.accountId, instance: hand.instanceId, waiting, unsure },
        "freed a dead worker's mail",
      );
    }
    for (const { accountId, instanceId } of await selectInstancesToDeliver(tx, ctx.clock.now()))
      await enqueue(tx, deliverJob, { accountId, instanceId }, { key: `deliver:${instanceId}` });
  });
}
