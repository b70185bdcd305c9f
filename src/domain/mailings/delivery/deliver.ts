import type { JobRun } from "../../../platform/jobs.ts";
import type { AccountContext } from "../../context.ts";
import type { InstanceId } from "../mailing.ts";
import { finishIfAllSent } from "../publish/finish-instance.ts";
import { holdInstance } from "../publish/hold-instance.ts";
import { selectInstance } from "../publish/instance-store.ts";
import { findSigningKey } from "../senders/find-signing-key.ts";
import { composeMailing } from "./compose-mailing.ts";
import { Delivery } from "./delivery.ts";
import { tellSubscribers } from "./tell-subscribers.ts";

/** Instances that this process sends now, each once: a second job for one has nothing to add. */
const running = new Set<string>();

/** Whether this process has a run for the instance: what it has claimed is in somebody's hands. */
export function isDelivering(processId: string, instance: InstanceId): boolean {
  return running.has(`${processId} ${instance}`);
}

/**
 * Sends what of an instance is due, until there is nothing left, it is paused, held or cancelled, the process stops or
 * its turn is over. Several processes may be at it at once; nobody is sent to twice. (product 4.4)
 * @param isTurnOver true when others should have their turn: what is claimed is still sent
 * @returns whether the turn ended before the work
 */
export async function deliver(
  ctx: AccountContext,
  id: InstanceId,
  run: JobRun,
  isTurnOver: () => boolean = () => false,
): Promise<boolean> {
  if (isDelivering(run.processId, id)) return false;
  const name = `${run.processId} ${id}`;
  running.add(name);
  try {
    const { instance, key } = await ctx.db.transaction(ctx.accountId, async (tx) => {
      const found = await selectInstance(tx, ctx.accountId, id);
      const isSending = found?.state === "sending";
      return {
        instance: isSending ? found : null,
        key: isSending ? await findSigningKey(tx, ctx, found.content.fromAddress) : null,
      };
    });
    if (!instance) return false;
    if (!ctx.relay) {
      await ctx.db.transaction(ctx.accountId, (tx) => holdInstance(tx, ctx, id, "connection", noRelay));
      return false;
    }
    const compose = composeMailing(ctx, instance, key);
    const isMoreLeft = await new Delivery(ctx, ctx.relay, id, compose, run, isTurnOver).run();
    await tellSubscribers(ctx, id);
    if (!isMoreLeft) await ctx.db.transaction(ctx.accountId, (tx) => finishIfAllSent(tx, ctx, id));
    return isMoreLeft;
  } finally {
    running.delete(name);
  }
}

const noRelay =
  "There is no relay to send by. The operator sets one (LOCKSTEP_SMTP_URL); then press Resume. Nobody was written to.";
