import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, must, NotFoundError } from "../../platform/errors.ts";
import { enqueue } from "../../platform/jobs.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { Bridge } from "../bridges/bridge.ts";
import { getUsableBridge } from "../bridges/get-bridge.ts";
import type { AccountContext } from "../context.ts";
import { writebackJob } from "./jobs.ts";
import { selectWriteback } from "./list-store.ts";
import { makeDue, reviveFailed } from "./retry-store.ts";
import type { Writeback } from "./writeback.ts";

/**
 * Sends what waits now instead of at the next tick.
 * @returns how many are sent
 * @throws BridgeNotUsableError when the bridge is switched off or needs attention
 */
export function sendWritebacksNow(ctx: AccountContext): Promise<number> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await getUsableBridge(tx, ctx);
    const ready = await makeDue(tx, ctx.accountId, bridge.id, ctx.clock.now());
    await wake(tx, ctx, bridge);
    await recordChange(tx, ctx, "writebacks.send", bridge.baseUrl, { ready });
    return ready;
  });
}

/**
 * Tries one failed writeback again, at once. (product 5.2)
 * @throws NotFoundError when the account has no such writeback
 * @throws ConflictError when it has not failed, or the person was decided about since
 */
export function retryWriteback(ctx: AccountContext, id: number): Promise<Writeback> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const before = await selectWriteback(tx, ctx.accountId, id);
    if (!before) throw new NotFoundError("writeback", String(id));
    if ((await retry(tx, ctx, [id])) === 0) {
      throw new ConflictError("not_failed", "Only a failed writeback is tried again, and only the person's latest.");
    }
    return must(await selectWriteback(tx, ctx.accountId, id), "it was there before");
  });
}

/**
 * Tries failed writebacks again, at once; whichever of them have not failed are left as they are. (product 5.2)
 * @param ids null takes all that failed
 * @returns how many are tried again
 */
export function retryWritebacks(ctx: AccountContext, ids: readonly number[] | null): Promise<number> {
  return ctx.db.transaction(ctx.accountId, (tx) => retry(tx, ctx, ids));
}

async function retry(tx: Tx, ctx: AccountContext, ids: readonly number[] | null): Promise<number> {
  const bridge = await getUsableBridge(tx, ctx);
  const revived = await reviveFailed(tx, ctx.accountId, ids, ctx.clock.now());
  if (revived.length === 0) return 0;
  await wake(tx, ctx, bridge);
  const detail = { retried: revived.length, ...(revived.length <= 20 && { ids: revived }) };
  await recordChange(tx, ctx, "writebacks.retry", bridge.baseUrl, detail);
  return revived.length;
}

function wake(tx: Tx, ctx: AccountContext, bridge: Bridge): Promise<void> {
  return enqueue(
    tx,
    writebackJob,
    { accountId: ctx.accountId, bridgeId: bridge.id },
    { key: `writebacks:${bridge.id}` },
  );
}
