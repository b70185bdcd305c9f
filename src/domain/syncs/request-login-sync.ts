import { whyNotUsable } from "../bridges/get-bridge.ts";
import { lockBridge, selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { isListSyncDue } from "./login.rules.ts";
import { requestListSyncIn, type SyncAnswer } from "./request-sync.ts";

/**
 * After a client user has signed in: a list sync, if one is due and the bridge may be called. Two people who sign in
 * at once go one by one through the bridge's row, and so make one sync. (product 1.3, login)
 * @returns the sync that answers, or null when none is due or possible
 */
export function requestLoginSync(ctx: AccountContext): Promise<SyncAnswer | null> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const found = await selectBridge(tx, ctx.accountId);
    const bridge = found && (await lockBridge(tx, ctx.accountId, found.id));
    if (!bridge || whyNotUsable(bridge) || !isListSyncDue(bridge.listSyncedAt, ctx.clock.now())) return null;
    return requestListSyncIn(tx, ctx, { trigger: "login", by: ctx.actor });
  });
}
