import { ConflictError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { findSync } from "./find-syncs.ts";
import {
  type ChangeKind,
  type GroupPeriod,
  hasDifference,
  type Member,
  type MemberFilter,
  type RejectedRow,
  selectChanges,
  selectGroupPeriods,
  selectMembers,
  selectRejectedRows,
  selectWouldChanges,
  type WouldChange,
} from "./history-store.ts";
import type { SyncId } from "./sync.ts";

/** One page of the people in a group, now or at a past moment. (product 1.8) @throws NotFoundError for a foreign group */
export function listMembers(ctx: AccountContext, filter: MemberFilter): Promise<readonly Member[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getTargetGroup(tx, ctx, filter.groupId);
    return selectMembers(tx, ctx.accountId, filter);
  });
}

/** One page of the rows that the group's last good read could not use, with their reasons. (product 1.7) */
export function listRejectedRows(
  ctx: AccountContext,
  filter: Parameters<typeof selectRejectedRows>[2],
): Promise<readonly RejectedRow[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getTargetGroup(tx, ctx, filter.groupId);
    return selectRejectedRows(tx, ctx.accountId, filter);
  });
}

/** One page of who was added or removed by a sync. @throws NotFoundError for a foreign sync */
export async function listChanges(
  ctx: AccountContext,
  filter: {
    readonly syncId: SyncId;
    readonly kind: ChangeKind;
    readonly limit: number;
    readonly after?: number | undefined;
  },
): Promise<readonly Member[]> {
  await findSync(ctx, filter.syncId);
  return ctx.db.transaction(ctx.accountId, (tx) => selectChanges(tx, ctx.accountId, filter));
}

/**
 * One page of who would come, go or change by a held sync or a dry run. (product 1.5, 1.9)
 * @throws ConflictError when the difference is not kept any more
 */
export async function listWouldChanges(
  ctx: AccountContext,
  filter: Parameters<typeof selectWouldChanges>[2],
): Promise<readonly WouldChange[]> {
  await findSync(ctx, filter.syncId);
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await hasDifference(tx, filter.syncId))) {
      throw new ConflictError(
        "no_difference",
        "This sync keeps no list of what it would change.",
        "A held sync keeps it until it is decided, a dry run for a day. Run the dry run again.",
      );
    }
    return selectWouldChanges(tx, ctx.accountId, filter);
  });
}

/** Every group that one person is or was in, since when and by which sync. (product 1.8) */
export function listGroupPeriods(ctx: AccountContext, subscriberId: number): Promise<readonly GroupPeriod[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectGroupPeriods(tx, ctx.accountId, subscriberId));
}
