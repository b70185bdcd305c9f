import type { Tx } from "../../platform/database/database.ts";
import { must } from "../../platform/errors.ts";
import { enqueue } from "../../platform/jobs.ts";
import { healthAfter } from "../bridges/health.rules.ts";
import { lockBridge, updateBridgeHealth } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { bridgeJob, nightlyJob } from "./jobs.ts";
import { insertSyncEvent, selectSync } from "./store.ts";
import type { Sync, SyncFailure } from "./sync.ts";

/**
 * What follows every end of a sync, in the transaction that ends it: the bridge's health, a line in its story, the
 * next sync's turn, and the Nightly Sync that waits for it.
 * @param call what it says about the AMS: null when it answered, the failure, or that nobody called it
 * @returns the sync as it stands now
 */
export async function endSync(
  tx: Tx,
  ctx: AccountContext,
  sync: Sync,
  message: string,
  call: SyncFailure | null | "no_call",
): Promise<Sync> {
  const ended = must(await selectSync(tx, ctx.accountId, sync.id), "a sync that ends is there");
  const now = ctx.clock.now();
  await insertSyncEvent(tx, ctx.accountId, sync.id, {
    at: now,
    state: ended.state,
    message,
    detail: call !== null && call !== "no_call" && call.detail ? { detail: call.detail } : {},
  });
  if (call !== "no_call") {
    const bridge = must(await lockBridge(tx, ctx.accountId, sync.bridgeId), "a sync has a bridge");
    const health = healthAfter(bridge.health, call, now);
    await updateBridgeHealth(tx, ctx.accountId, bridge.id, health);
  }
  await enqueue(tx, bridgeJob, { accountId: ctx.accountId, bridgeId: sync.bridgeId });
  if (sync.nightlyRunId) {
    await enqueue(
      tx,
      nightlyJob,
      { accountId: ctx.accountId, runId: sync.nightlyRunId },
      { key: `nightly:${sync.nightlyRunId}` },
    );
  }
  return ended;
}
