import type { AccountContext } from "../../context.ts";
import { markBadEmail, noteDelivered, noteSoftBounces } from "../../subscribers/change-wish.ts";
import type { InstanceId } from "../mailing.ts";
import { type Told, takeUntold } from "./recipient-store.ts";

const batch = 500;

/**
 * Lets subscribers know what their mail servers said: hard bounces mark the address, soft ones are counted, a delivery
 * ends the row of soft ones. Waits while a sync is being applied; what is left undone is taken up by the next call.
 * (product 4.5)
 */
export async function tellSubscribers(ctx: AccountContext, instance: InstanceId): Promise<void> {
  for (let isMore = true; isMore; ) {
    isMore = await ctx.db.transaction(ctx.accountId, async (tx) => {
      const told = await takeUntold(tx, { account: ctx.accountId, instance }, batch);
      for (const [reply, ids] of groupByReply(told, "hard")) await markBadEmail(tx, ctx, ids, reply);
      for (const [reply, ids] of groupByReply(told, "soft")) await noteSoftBounces(tx, ctx, ids, reply);
      const delivered = told.filter(({ kind }) => kind === "delivered");
      if (delivered.length > 0)
        await noteDelivered(
          tx,
          ctx,
          delivered.map(({ subscriberId }) => subscriberId),
        );
      return told.length === batch;
    });
  }
}

function groupByReply(told: readonly Told[], kind: Told["kind"]): Map<string, number[]> {
  const ids = new Map<string, number[]>();
  for (const { subscriberId, reply } of told.filter((one) => one.kind === kind))
    ids.set(reply, [...(ids.get(reply) ?? []), subscriberId]);
  return ids;
}
