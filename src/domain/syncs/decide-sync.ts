import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, NotFoundError } from "../../platform/errors.ts";
import { enqueue } from "../../platform/jobs.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { applyRead } from "./apply-read.ts";
import { endSync } from "./end-sync.ts";
import { bridgeJob } from "./jobs.ts";
import { endSyncCancelled, updateCancelRequested } from "./run-store.ts";
import { endRead } from "./run-subscriber-sync.ts";
import { countStaged, dropStaging, stagingTable } from "./staging-store.ts";
import { lockSync, selectSync, updateSyncDecided } from "./store.ts";
import { insertSyncEvent } from "./story-store.ts";
import { bridgeOf, isEnded, type Sync, type SyncId } from "./sync.ts";

/**
 * Applies a held sync: an administrator looked at who comes and goes and says yes. (product 1.5)
 * @throws ConflictError when the sync is not held, or when the database lost what it had read
 */
export function applyHeldSync(ctx: AccountContext, id: SyncId): Promise<Sync> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const sync = await getHeldSync(tx, ctx, id);
    if ((await countStaged(tx, id)) !== sync.rowsRead) {
      throw new ConflictError(
        "read_lost",
        "What this sync had read was lost in a database crash.",
        "Discard it and resync the group.",
      );
    }
    const outcome = await applyRead(tx, ctx, sync, stagingTable(sync.id), { isDecided: true, onStep: async () => {} });
    await endRead(tx, ctx, sync, outcome, ctx.actor);
    await wakeBridge(tx, ctx, sync);
    await recordChange(tx, ctx, "sync.apply", sync.groupName ?? sync.id, { sync: id, reason: sync.heldReason });
    return findIn(tx, ctx, id);
  });
}

/** Discards a held sync: the group keeps its last good members. (product 1.5) @throws ConflictError when it is not held */
export function discardHeldSync(ctx: AccountContext, id: SyncId): Promise<Sync> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const sync = await getHeldSync(tx, ctx, id);
    await updateSyncDecided(tx, ctx.accountId, id, ctx.actor);
    await endSyncCancelled(tx, ctx.accountId, id, ctx.clock.now());
    await dropStaging(tx, id);
    await endSync(tx, ctx, sync, `Discarded by ${ctx.actor}`, "no_call");
    await wakeBridge(tx, ctx, sync);
    await recordChange(tx, ctx, "sync.discard", sync.groupName ?? sync.id, { sync: id, reason: sync.heldReason });
    return findIn(tx, ctx, id);
  });
}

/**
 * Cancels a sync that waits (at once) or runs (within seconds); nothing of the group changes. A held one is discarded.
 * @throws ConflictError when it has ended already
 */
export function cancelSync(ctx: AccountContext, id: SyncId): Promise<Sync> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const sync = await lockSync(tx, ctx.accountId, id);
    if (!sync) throw new NotFoundError("sync", id);
    if (isEnded(sync.state)) {
      throw new ConflictError(
        "sync_ended",
        `This sync has ended already: ${sync.state}.`,
        "There is nothing to cancel.",
      );
    }
    if (sync.state === "held") {
      throw new ConflictError("sync_held", "This sync is held: it waits for a decision.", "Apply it or discard it.");
    }
    await updateCancelRequested(tx, ctx.accountId, id, ctx.actor);
    if (sync.state === "queued") {
      await endSyncCancelled(tx, ctx.accountId, id, ctx.clock.now());
      await endSync(tx, ctx, sync, `Cancelled by ${ctx.actor}`, "no_call");
    } else {
      const event = { at: ctx.clock.now(), state: sync.state, message: `${ctx.actor} asks to cancel it`, detail: {} };
      await insertSyncEvent(tx, ctx.accountId, id, event);
    }
    return findIn(tx, ctx, id);
  });
}

/** A group that was held is free: a sync of it may wait. */
function wakeBridge(tx: Tx, ctx: AccountContext, sync: Sync): Promise<void> {
  return enqueue(tx, bridgeJob, { accountId: ctx.accountId, bridgeId: bridgeOf(sync) });
}

async function getHeldSync(tx: Tx, ctx: AccountContext, id: SyncId): Promise<Sync & { groupId: GroupId }> {
  const sync = await lockSync(tx, ctx.accountId, id);
  if (!sync) throw new NotFoundError("sync", id);
  if (sync.state !== "held" || sync.groupId === null) {
    throw new ConflictError(
      "sync_not_held",
      `This sync is not held: it is ${sync.state}.`,
      "Only a held sync waits for a decision.",
    );
  }
  return { ...sync, groupId: sync.groupId };
}

async function findIn(tx: Tx, ctx: AccountContext, id: SyncId): Promise<Sync> {
  const sync = await selectSync(tx, ctx.accountId, id);
  if (!sync) throw new NotFoundError("sync", id);
  return sync;
}
