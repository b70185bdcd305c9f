import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, NotFoundError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { type GroupFilter, selectGroupPage } from "./list-store.ts";
import { selectGroup } from "./store.ts";
import type { GroupId, TargetGroup } from "./target-group.ts";

/** @throws NotFoundError when the account has no such group */
export async function getTargetGroup(tx: Tx, ctx: AccountContext, id: GroupId): Promise<TargetGroup> {
  const group = await selectGroup(tx, ctx.accountId, id);
  if (!group) throw new NotFoundError("target group", id);
  return group;
}

/** @throws ConflictError when it is not a bridge group: only those have a query to read */
export async function getBridgeGroup(tx: Tx, ctx: AccountContext, id: GroupId): Promise<TargetGroup> {
  const group = await getTargetGroup(tx, ctx, id);
  if (group.kind !== "bridge") {
    throw new ConflictError(
      "not_a_bridge_group",
      `'${group.name}' is a ${group.kind} group: it has no query in the AMS to sync with.`,
    );
  }
  return group;
}

export function findTargetGroup(ctx: AccountContext, id: GroupId): Promise<TargetGroup> {
  return ctx.db.transaction(ctx.accountId, (tx) => getTargetGroup(tx, ctx, id));
}

/** One page of target groups, with the key to go on from. */
export function listTargetGroups(ctx: AccountContext, filter: GroupFilter) {
  return ctx.db.transaction(ctx.accountId, (tx) => selectGroupPage(tx, ctx.accountId, filter));
}
