import type { Tx } from "../../platform/database/database.ts";
import { must } from "../../platform/errors.ts";
import { enqueue } from "../../platform/jobs.ts";
import { healthAfter } from "../bridges/health.rules.ts";
import { clearBridgeTrouble, lockBridge, updateBridgeHealth } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { tell } from "../events/tell.ts";
import { priorityOf } from "./coalescing.rules.ts";
import { nightlyJob, syncEndedJob } from "./jobs.ts";
import { selectNightlyProgress } from "./nightly-store.ts";
import { selectSync } from "./store.ts";
import { insertSyncEvent } from "./story-store.ts";
import { bridgeOf, type Sync, type SyncFailure } from "./sync.ts";
import { noteSyncEnd } from "./sync-metrics.ts";
import { tellSyncEnd } from "./tell-sync-end.ts";

/** A failure, and the bridge as it was when its session was opened. */
interface CallFailure extends SyncFailure {
  readonly bridgeVersion: number;
}

/**
 * What follows every end of a sync, in the transaction that ends it: a line in its story, its figures, the bridge's
 * health, who wants to be told, and the Nightly Sync that waits for the last of its own. Whoever ran it looks for the bridge's next by itself.
 * @param call what it says about the AMS: null when it answered, the failure, or that nobody called it
 * @returns the sync as it stands now
 */
export async function endSync(
  tx: Tx,
  ctx: AccountContext,
  sync: Sync,
  message: string,
  call: CallFailure | null | "no_call",
): Promise<Sync> {
  const ended = must(await selectSync(tx, ctx.accountId, sync.id), "a sync that ends is there");
  const detail = call !== null && call !== "no_call" && call.detail ? { detail: call.detail } : {};
  await insertSyncEvent(tx, ctx.accountId, sync.id, { at: ctx.clock.now(), state: ended.state, message, detail });
  if (call === null) await clearBridgeTrouble(tx, ctx.accountId, bridgeOf(sync));
  else if (call !== "no_call") await noteFailure(tx, ctx, sync, call);
  ctx.db.afterCommit(tx, () => noteSyncEnd(ctx, ended));
  await tellSyncEnd(tx, ctx, ended);
  if (sync.nightlyRunId) await wakeNightly(tx, ctx, sync, sync.nightlyRunId);
  // As urgent as a publish: it is one's, or one joined it.
  if (ended.priority <= priorityOf("publish")) {
    await enqueue(tx, syncEndedJob, { accountId: ctx.accountId, syncId: sync.id });
  }
  return ended;
}

async function noteFailure(tx: Tx, ctx: AccountContext, sync: Sync, failure: CallFailure): Promise<void> {
  const bridge = must(await lockBridge(tx, ctx.accountId, bridgeOf(sync)), "a sync has a bridge");
  // What was refused has been replaced since: it says nothing about what is stored now.
  if (failure.kind === "credentials" && failure.bridgeVersion !== bridge.version) return;
  await updateBridgeHealth(tx, ctx.accountId, bridge.id, healthAfter(bridge.health, failure, ctx.clock.now()));
  if (failure.kind === "credentials" && bridge.health.needsAttentionSince === null)
    await tell(tx, ctx, "bridge.credentials_refused", [{ bridgeId: bridge.id, reason: failure.message }]);
}

/** For a sync that ends outside a worker; within one, `goOnWithNightlies` looks again when nothing is left to run. */
async function wakeNightly(tx: Tx, ctx: AccountContext, sync: Sync, runId: NonNullable<Sync["nightlyRunId"]>) {
  if (sync.groupId !== null && (await selectNightlyProgress(tx, ctx.accountId, runId)).isOpen) return;
  await enqueue(tx, nightlyJob, { accountId: ctx.accountId, runId }, { key: `nightly:${runId}` });
}
