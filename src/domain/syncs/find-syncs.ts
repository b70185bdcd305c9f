import { NotFoundError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { type SyncRequest, selectSyncRequests } from "./request-store.ts";
import { type SyncFilter, selectSync, selectSyncPage, selectSyncs } from "./store.ts";
import { type SyncEvent, selectSyncEvents } from "./story-store.ts";
import type { Sync, SyncId } from "./sync.ts";

/** @throws NotFoundError when the account has no such sync */
export async function findSync(ctx: AccountContext, id: SyncId): Promise<Sync> {
  const sync = await ctx.db.transaction(ctx.accountId, (tx) => selectSync(tx, ctx.accountId, id));
  if (!sync) throw new NotFoundError("sync", id);
  return sync;
}

/** A sync with the end of its story and the first who asked for it; what is more is counted. */
export interface SyncStory {
  readonly sync: Sync;
  readonly events: readonly SyncEvent[];
  readonly eventsInAll: number;
  readonly requests: readonly SyncRequest[];
  readonly requestsInAll: number;
}

/** @throws NotFoundError when the account has no such sync */
export async function findSyncStory(ctx: AccountContext, id: SyncId): Promise<SyncStory> {
  const sync = await findSync(ctx, id);
  return ctx.db.transaction(ctx.accountId, async (tx) => ({
    sync,
    ...(await selectSyncEvents(tx, ctx.accountId, id)),
    ...(await selectSyncRequests(tx, ctx.accountId, id)),
  }));
}

/** One page of syncs, the latest first. */
export function listSyncs(ctx: AccountContext, filter: SyncFilter): Promise<readonly Sync[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectSyncPage(tx, ctx.accountId, filter));
}

/** Syncs by their ids, in no order. */
export function findSyncs(ctx: AccountContext, ids: readonly SyncId[]): Promise<readonly Sync[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectSyncs(tx, ctx.accountId, ids));
}
