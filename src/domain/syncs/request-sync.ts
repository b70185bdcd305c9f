import type { FieldName } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { must } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import { getUsableBridge } from "../bridges/get-bridge.ts";
import { lockBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { getBridgeGroup } from "../target-groups/get-target-group.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { type Coalescing, joinOrQueue, priorityOf } from "./coalescing.rules.ts";
import { bridgeJob } from "./jobs.ts";
import { addExtraFields, insertSyncRequest, raisePriority } from "./request-store.ts";
import { insertSync, selectOpenSyncs, selectSync } from "./store.ts";
import { insertSyncEvent } from "./story-store.ts";
import type { Cause, Sync, SyncId } from "./sync.ts";

export interface SyncAnswer {
  /** The sync that answers the request: a new one, the one it joined, or the held one that must be decided first. */
  readonly sync: Sync;
  readonly answer: Coalescing["answer"];
}

/**
 * Asks for a list sync of the account's bridge.
 * @throws NotFoundError when the account has no bridge
 * @throws BridgeNotUsableError when it is switched off or needs attention (product 1.3)
 */
export function requestListSync(ctx: AccountContext, cause: Cause): Promise<SyncAnswer> {
  return ctx.db.transaction(ctx.accountId, (tx) => requestListSyncIn(tx, ctx, cause));
}

/** The same, inside a transaction that the caller has open. */
export async function requestListSyncIn(tx: Tx, ctx: AccountContext, cause: Cause): Promise<SyncAnswer> {
  const bridge = await getUsableBridge(tx, ctx);
  return joinOrInsert(tx, ctx, bridge.id, null, false, cause);
}

/**
 * Asks for a subscriber sync of one target group.
 * @param options.dryRun asks what it would change, and changes nothing (product 1.9)
 * @throws NotFoundError when the account has no such group
 * @throws BridgeNotUsableError when the bridge is switched off or needs attention (1.3)
 */
export function requestSubscriberSync(
  ctx: AccountContext,
  groupId: GroupId,
  cause: Cause,
  options: { readonly dryRun?: boolean } = {},
): Promise<SyncAnswer> {
  return ctx.db.transaction(ctx.accountId, (tx) => requestSubscriberSyncIn(tx, ctx, groupId, cause, options));
}

/**
 * The same, inside a transaction that the caller has open.
 * @param options.extraFields fields whose values are read though they aren't kept; see `value-store.ts` (product 2.5)
 */
export async function requestSubscriberSyncIn(
  tx: Tx,
  ctx: AccountContext,
  groupId: GroupId,
  cause: Cause,
  options: { readonly dryRun?: boolean; readonly extraFields?: readonly FieldName[] } = {},
): Promise<SyncAnswer> {
  const bridge = await getUsableBridge(tx, ctx);
  const group = await getBridgeGroup(tx, ctx, groupId);
  const answer = await joinOrInsert(tx, ctx, bridge.id, group.id, options.dryRun ?? false, cause);
  const { extraFields = [] } = options;
  if (extraFields.length > 0) await addExtraFields(tx, ctx.accountId, answer.sync.id, extraFields);
  return answer;
}

/** Requests of one bridge go one by one through its row, so that two at once make one sync. */
async function joinOrInsert(
  tx: Tx,
  ctx: AccountContext,
  bridgeId: BridgeId,
  groupId: GroupId | null,
  isDryRun: boolean,
  cause: Cause,
): Promise<SyncAnswer> {
  await lockBridge(tx, ctx.accountId, bridgeId);
  const now = ctx.clock.now();
  const open = await selectOpenSyncs(tx, ctx.accountId, bridgeId, groupId);
  const decision = joinOrQueue(open, { trigger: cause.trigger, isDryRun });
  const priority = priorityOf(cause.trigger);
  if (decision.answer !== "queued") {
    await insertSyncRequest(tx, ctx.accountId, decision.sync.id, cause, true, now);
    await raisePriority(tx, ctx.accountId, decision.sync.id, priority);
    return { sync: decision.sync, answer: decision.answer };
  }
  const id = newId<SyncId>();
  await insertSync(tx, ctx.accountId, { id, bridgeId, groupId, isDryRun, priority }, cause, now);
  await insertSyncRequest(tx, ctx.accountId, id, cause, false, now);
  await insertSyncEvent(tx, ctx.accountId, id, { at: now, state: "queued", message: "Waiting", detail: {} });
  await enqueue(tx, bridgeJob, { accountId: ctx.accountId, bridgeId }, { priority });
  return { sync: must(await selectSync(tx, ctx.accountId, id), "a sync just written can be read"), answer: "queued" };
}
