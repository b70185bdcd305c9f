import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import type { GroupId } from "./target-group.ts";
import { insertGroupUses, updateGroupUsesOver } from "./use-store.ts";

/**
 * Notes, in the publish's own transaction, that an instance goes to these groups or leaves them out. The nightly rule
 * reads it; a compound passes its use on to its parts there, at any depth. (product 1.3) Until `releaseGroups` none of
 * them can be deleted. (product 3.2)
 */
export function recordGroupUse(
  tx: Tx,
  ctx: AccountContext,
  instanceId: string,
  uses: readonly { readonly groupId: GroupId; readonly usedAs: "audience" | "exclusion" }[],
): Promise<void> {
  return insertGroupUses(tx, ctx.accountId, instanceId, uses, ctx.clock.now());
}

/** The instance needs its groups no more: its recipients are being sent to, or it was cancelled. */
export function releaseGroups(tx: Tx, ctx: AccountContext, instanceId: string): Promise<void> {
  return updateGroupUsesOver(tx, ctx.accountId, instanceId);
}
