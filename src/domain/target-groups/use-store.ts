import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { GroupId } from "./target-group.ts";

/** A group that stands in a compound one, and how. */
export interface Holder {
  readonly partId: GroupId;
  readonly id: GroupId;
  readonly name: string;
  readonly side: "include" | "exclude";
  /** False for a compound that holds it by way of another one. */
  readonly isDirect: boolean;
}

/** The compound groups, deleted ones left out, that hold any of these, at any depth. (product 3.1) */
export async function selectHolders(tx: Tx, account: AccountId, ids: readonly GroupId[]): Promise<readonly Holder[]> {
  const { rows } = await sql<Holder>`
    with recursive held (part_id, compound_id, side, is_direct) as (
      select part_id, compound_id, side, true from compound_part
      where account_id = ${account} and part_id = any(${ids}::uuid[])
      union
      select h.part_id, p.compound_id, p.side, false from held h
        join compound_part p on p.account_id = ${account} and p.part_id = h.compound_id
    )
    select h.part_id as "partId", g.id, g.name, h.side, h.is_direct as "isDirect" from held h
    join target_group g on g.account_id = ${account} and g.id = h.compound_id and g.deleted_at is null
    order by not h.is_direct, lower(g.name), g.id`.execute(tx);
  return rows;
}

/** How many use a group, at any depth and at any time. */
export interface UseCounts {
  /** Compound groups that hold it, deleted ones left out. */
  readonly compounds: number;
  /** Mailings whose audience names it, in whatever state, and those that were published to it. */
  readonly mailings: number;
  readonly templates: number;
}

/**
 * What uses each of these groups, counted; groups that nothing uses are left out. One statement for a page of them,
 * which looks each use up instead of joining: whatever the planner knows of the tables, it reads no more than the page's
 * own. `compound_part_by_part`, `mailing_group_by_group` and `target_group_use_latest` serve it.
 */
export async function selectUseCounts(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
): Promise<ReadonlyMap<GroupId, UseCounts>> {
  const { rows } = await sql<UseCounts & { groupId: GroupId }>`
    with recursive held (part_id, compound_id) as (
      select part_id, compound_id from compound_part where account_id = ${account} and part_id = any(${ids}::uuid[])
      union
      select h.part_id, p.compound_id from held h
        join compound_part p on p.account_id = ${account} and p.part_id = h.compound_id
    ), named (group_id, mailing_id) as (
      select g.id, n.mailing_id from unnest(${ids}::uuid[]) g(id) cross join lateral (
        select mailing_id from mailing_group where account_id = ${account} and group_id = g.id
        union
        select (select mailing_id from mailing_instance where account_id = ${account} and id = u.instance_id)
        from target_group_use u where u.account_id = ${account} and u.group_id = g.id) n
    )
    select group_id as "groupId", count(*) filter (where used_by = 'compound') as compounds,
      count(*) filter (where used_by = 'mailing') as mailings, count(*) filter (where used_by = 'template') as templates
    from (
      select h.part_id as group_id, 'compound' as used_by from held h
        join target_group g on g.account_id = ${account} and g.id = h.compound_id and g.deleted_at is null
      union all
      select n.group_id, case when (select is_template from mailing where account_id = ${account} and id = n.mailing_id)
        then 'template' else 'mailing' end from named n
    ) uses group by group_id`.execute(tx);
  return new Map(rows.map(({ groupId, ...counts }) => [groupId, counts]));
}

export interface GroupForNight {
  readonly id: GroupId;
  readonly name: string;
  readonly createdAt: Temporal.Instant;
  readonly missingSince: Temporal.Instant | null;
  readonly usedAt: Temporal.Instant | null;
  readonly usedInCompoundAt: Temporal.Instant | null;
}

/**
 * Every bridge group with what the nightly rule asks: its own last use, and the last use of any compound that holds
 * it, however deep. One statement climbs from all parts at once. (product 1.3)
 * @param id one group only, for its verdict on Count Details
 */
export async function selectGroupsForNight(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  now: Temporal.Instant,
  id?: GroupId,
): Promise<readonly GroupForNight[]> {
  const one = id ? sql`and g.id = ${id}` : sql``;
  const { rows } = await sql<GroupForNight>`
    with recursive holder (group_id, compound_id) as (
      select p.part_id, p.compound_id from compound_part p where p.account_id = ${account}
      union
      select h.group_id, p.compound_id from holder h
        join compound_part p on p.account_id = ${account} and p.part_id = h.compound_id
    ), used as (
      select group_id, max(used_at) as at from target_group_use
      where account_id = ${account} and used_at <= ${now} group by group_id
    )
    select g.id, g.name, g.created_at as "createdAt", g.missing_since as "missingSince", u.at as "usedAt", c.at as "usedInCompoundAt"
    from target_group g
    left join used u on u.group_id = g.id
    left join (select h.group_id, max(x.at) as at from holder h join used x on x.group_id = h.compound_id group by h.group_id) c
      on c.group_id = g.id
    where g.account_id = ${account} and g.bridge_id = ${bridge} and g.deleted_at is null ${one}
    order by lower(g.name), g.id`.execute(tx);
  return rows;
}

/** Notes that an instance was published to these groups: what the nightly rule goes by. (product 1.3, *used*) */
export async function insertGroupUses(
  tx: Tx,
  account: AccountId,
  instanceId: string,
  uses: readonly { readonly groupId: GroupId; readonly usedAs: "audience" | "exclusion" }[],
  at: Temporal.Instant,
): Promise<void> {
  await sql`insert into target_group_use (account_id, group_id, instance_id, used_as, used_at, is_needed)
    select ${account}::uuid, x."groupId", ${instanceId}::uuid, x."usedAs", ${at}::timestamptz, true
    from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) as x("groupId" uuid, "usedAs" text)
    on conflict do nothing`.execute(tx);
}

export async function updateGroupUsesOver(tx: Tx, account: AccountId, instanceId: string): Promise<void> {
  await sql`update target_group_use set is_needed = false where account_id = ${account} and instance_id = ${instanceId}
    and is_needed`.execute(tx);
}

/** The first of these groups that an instance has yet to go to. `target_group_use_needed` knows. */
export async function selectNeededGroup(
  tx: Tx,
  account: AccountId,
  groups: readonly GroupId[],
): Promise<GroupId | undefined> {
  const { rows } = await sql<{ id: GroupId }>`select group_id as id from target_group_use
    where account_id = ${account} and group_id = any(${groups}::uuid[]) and is_needed limit 1`.execute(tx);
  return rows[0]?.id;
}
