import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { AccountContext } from "../context.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { SyncId } from "./sync.ts";

/** How large a group was after one of its syncs. */
export interface GroupSize {
  readonly syncId: SyncId;
  readonly at: Temporal.Instant;
  readonly total: number;
  readonly sendable: number;
  readonly added: number;
  readonly removed: number;
}

export interface GroupHistory {
  /** Oldest first. */
  readonly points: readonly GroupSize[];
  /** How many syncs there were in the span: more than the points when it was thinned. */
  readonly syncs: number;
}

/** More than a line on a screen can show. */
const mostPoints = 400;

/**
 * The group's size over time: after each good sync of the span, or, of a span with many, after the last one in each of
 * 400 equal parts. (product 1.6)
 */
export function findGroupHistory(
  ctx: AccountContext,
  id: GroupId,
  span: { readonly from?: Temporal.Instant | undefined; readonly to?: Temporal.Instant | undefined },
): Promise<GroupHistory> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getTargetGroup(tx, ctx, id);
    return selectGroupSizes(tx, ctx.accountId, id, span);
  });
}

/** `sync_of_group` finds the group's syncs: ten thousand are a sync an hour for a year. */
async function selectGroupSizes(
  tx: Tx,
  account: AccountId,
  group: GroupId,
  { from, to }: Parameters<typeof findGroupHistory>[2],
): Promise<GroupHistory> {
  const { rows } = await sql<GroupSize & { syncs: number }>`
    with ended as (
      select id, finished_at, distinct_valid, sendable, added, removed, count(*) over () as syncs,
        row_number() over (order by finished_at, id) as nth,
        extract(epoch from finished_at)::float8 as at, extract(epoch from min(finished_at) over ())::float8 as first,
        extract(epoch from max(finished_at) over ())::float8 as last
      from sync where account_id = ${account} and group_id = ${group} and state = 'succeeded' and not is_dry_run
        ${from ? sql`and finished_at >= ${from}` : sql``} ${to ? sql`and finished_at <= ${to}` : sql``}
    ), thinned as (
      select distinct on (part) * from (
        select *, case when syncs <= ${mostPoints} then nth
          else width_bucket(at, first, last + 0.001, ${mostPoints}) end as part from ended) e
      order by part, finished_at desc, id desc)
    select id as "syncId", finished_at as at, distinct_valid as total, coalesce(sendable, 0) as sendable, added, removed, syncs
    from thinned order by finished_at, id`.execute(tx);
  return { points: rows.map(({ syncs, ...point }) => point), syncs: rows[0]?.syncs ?? 0 };
}
