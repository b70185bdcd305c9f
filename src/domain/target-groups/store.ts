import { type RawBuilder, sql } from "kysely";
import type { MessagingJobQuery } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { ListChanges } from "../bridges/field-store.ts";
import type { Counts } from "./count-details.rules.ts";
import type { FolderId, GroupId, TargetGroup } from "./target-group.ts";

type GroupRow = Omit<TargetGroup, "counts"> & Counts;

const columns = sql`g.id, g.folder_id as "folderId", g.kind, g.bridge_id as "bridgeId", g.query_key as "queryKey", g.name,
  g.created_at as "createdAt", g.missing_since as "missingSince", g.deleted_at as "deletedAt", g.version, g.guard_percent as "guardPercent",
  g.guard_minimum as "guardMinimum", g.guard_absolute as "guardAbsolute", g.count_state as "countState",
  g.counted_at as "countedAt", g.total_records as "totalRecords", g.unusable, g.without_address as "withoutAddress",
  g.malformed_address as "malformedAddress", g.duplicate, g.do_not_email as "doNotEmail", g.unsubscribed,
  g.bad_email as "badEmail", g.sendable`;

function toGroup(row: GroupRow): TargetGroup {
  const { totalRecords, unusable, withoutAddress, malformedAddress, duplicate, ...rest } = row;
  const { doNotEmail, unsubscribed, badEmail, sendable, ...group } = rest;
  const counts = {
    totalRecords,
    unusable,
    withoutAddress,
    malformedAddress,
    duplicate,
    doNotEmail,
    unsubscribed,
    badEmail,
    sendable,
  };
  return { ...group, counts };
}

export async function selectGroup(tx: Tx, account: AccountId, id: GroupId): Promise<TargetGroup | undefined> {
  const { rows } = await sql<GroupRow>`select ${columns} from target_group g
    where g.account_id = ${account} and g.id = ${id} and g.deleted_at is null`.execute(tx);
  return rows[0] && toGroup(rows[0]);
}

/** What a list of groups can be sorted by; a minus turns it round. */
export const groupSorts = ["name", "sendable", "total", "counted_at", "last_used_at"].flatMap(
  (sort) => [sort, `-${sort}`] as const,
) as readonly GroupSort[];
type SortKey = "name" | "sendable" | "total" | "counted_at" | "last_used_at";
export type GroupSort = SortKey | `-${SortKey}`;

export interface GroupFilter {
  /** `none` finds groups without a folder. */
  readonly folderId?: FolderId | "none" | undefined;
  /** Part of the name, in any case. */
  readonly search?: string | undefined;
  readonly kind?: TargetGroup["kind"] | undefined;
  readonly countState?: TargetGroup["countState"] | undefined;
  readonly isMissing?: boolean | undefined;
  /** Only deleted groups; without it, none of them. */
  readonly isDeleted?: boolean | undefined;
  readonly sort: GroupSort;
  readonly limit: number;
  /** Sort key and id of the last group of the page before. */
  readonly after?: { readonly key: string; readonly id: string } | undefined;
}

/** When an instance was last published to the group. `target_group_use_latest` serves it. */
const lastUsedAt = sql<Temporal.Instant | null>`(select max(u.used_at) from target_group_use u
  where u.account_id = g.account_id and u.group_id = g.id)`;

const asText = (instant: RawBuilder<unknown>) =>
  sql<string>`coalesce(to_char(${instant}, 'YYYY-MM-DD HH24:MI:SS.US'), '')`;
const members = sql`(g.do_not_email + g.unsubscribed + g.bad_email + g.sendable)`;
/** Groups that failed or were never counted come before all numbers, up or down: a 0 there says nothing. */
const withTroubles = (count: RawBuilder<unknown>) => (isDescending: boolean) =>
  sql<string>`case when g.count_state = 'counted' or g.kind = 'compound' then '1' else ${isDescending ? "2" : "0"} end
    || lpad(${count}::text, 10, '0')`;

/** The expression that a sort goes by, as text that compares like the value: one cursor form serves all sorts. */
const sortKeys: Record<SortKey, (isDescending: boolean) => RawBuilder<string>> = {
  name: () => sql`lower(g.name)`,
  sendable: withTroubles(sql`g.sendable`),
  total: withTroubles(members),
  counted_at: () => asText(sql`g.counted_at`),
  last_used_at: () => asText(lastUsedAt),
};

function matching(account: AccountId, filter: Omit<GroupFilter, "sort" | "limit" | "after">): RawBuilder<unknown> {
  const { folderId, search, kind, countState, isMissing, isDeleted = false } = filter;
  return sql`g.account_id = ${account} and (g.deleted_at is not null) = ${isDeleted}
    ${folderId === "none" ? sql`and g.folder_id is null` : folderId ? sql`and g.folder_id = ${folderId}` : sql``}
    ${search ? sql`and lower(g.name collate "und-x-icu") like ${`%${escapeLike(search.toLowerCase())}%`}` : sql``}
    ${kind ? sql`and g.kind = ${kind}` : sql``}
    ${countState ? sql`and g.count_state = ${countState}` : sql``}
    ${isMissing === undefined ? sql`` : sql`and (g.missing_since is not null) = ${isMissing}`}`;
}

export interface GroupOfPage {
  readonly group: TargetGroup;
  /** Where the group stands in the sort. */
  readonly key: string;
  readonly lastUsedAt: Temporal.Instant | null;
}

/** One page of groups. A few thousand in an account: the index by name serves the usual sort, the rest is sorted. */
export async function selectGroupPage(
  tx: Tx,
  account: AccountId,
  filter: GroupFilter,
): Promise<readonly GroupOfPage[]> {
  const isDescending = filter.sort.startsWith("-");
  const key = sortKeys[filter.sort.replace("-", "") as SortKey](isDescending);
  const comparison = isDescending ? sql`<` : sql`>`;
  const after = filter.after
    ? sql`and (${key}, g.id) ${comparison} (${filter.after.key}, ${filter.after.id}::uuid)`
    : sql``;
  const direction = isDescending ? sql`desc` : sql`asc`;
  const { rows } = await sql<GroupRow & { key: string; lastUsedAt: Temporal.Instant | null }>`
    select ${columns}, ${key} as key, ${lastUsedAt} as "lastUsedAt" from target_group g
    where ${matching(account, filter)} ${after}
    order by ${key} ${direction}, g.id ${direction} limit ${filter.limit}`.execute(tx);
  return rows.map(({ key, lastUsedAt, ...row }) => ({ group: toGroup(row), key, lastUsedAt }));
}

/** How many groups the filter finds, on all pages. */
export async function countGroups(
  tx: Tx,
  account: AccountId,
  filter: Omit<GroupFilter, "sort" | "limit" | "after">,
): Promise<number> {
  const { rows } = await sql<{ groups: number }>`
    select count(*) as groups from target_group g where ${matching(account, filter)}`.execute(tx);
  return rows[0]?.groups ?? 0;
}

export async function selectLastUsedAt(tx: Tx, account: AccountId, id: GroupId): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ lastUsedAt: Temporal.Instant | null }>`
    select ${lastUsedAt} as "lastUsedAt" from target_group g where g.account_id = ${account} and g.id = ${id}`.execute(
    tx,
  );
  return rows[0]?.lastUsedAt ?? null;
}

/** Groups by their ids, deleted ones too, held for change in one order: two changes of many can't wait for each other. */
export async function lockGroups(tx: Tx, account: AccountId, ids: readonly GroupId[]): Promise<readonly TargetGroup[]> {
  const { rows } = await sql<GroupRow>`select ${columns} from target_group g
    where g.account_id = ${account} and g.id = any(${ids}::uuid[]) order by g.id for no key update`.execute(tx);
  return rows.map(toGroup);
}

/** Groups by their ids, deleted ones too. */
export async function selectGroups(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
): Promise<ReadonlyMap<GroupId, TargetGroup>> {
  const { rows } = await sql<GroupRow>`select ${columns} from target_group g
    where g.account_id = ${account} and g.id = any(${ids}::uuid[])`.execute(tx);
  return new Map(rows.map((row) => [row.id, toGroup(row)]));
}

/** A group that a person makes. */
export async function insertOwnGroup(
  tx: Tx,
  account: AccountId,
  group: {
    readonly id: GroupId;
    readonly name: string;
    readonly folderId: string | null;
    readonly kind: "compound" | "static";
  },
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into target_group (account_id, id, folder_id, kind, name, created_at)
    values (${account}, ${group.id}, ${group.folderId}, ${group.kind}, ${group.name}, ${now})`.execute(tx);
}

export async function updateGroupName(tx: Tx, account: AccountId, id: GroupId, name: string): Promise<void> {
  await sql`update target_group set name = ${name}, version = version + 1
    where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function updateGroupsFolder(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
  folder: FolderId | null,
): Promise<void> {
  await sql`update target_group set folder_id = ${folder}, version = version + 1
    where account_id = ${account} and id = any(${ids}::uuid[]) and folder_id is distinct from ${folder}::uuid`.execute(
    tx,
  );
}

/** Deletes or brings back. One that comes back finds its folder, or none if that was deleted meanwhile. */
export async function updateGroupsDeleted(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
  at: Temporal.Instant | null,
): Promise<void> {
  await sql`update target_group g set deleted_at = ${at}, version = version + 1,
      folder_id = (select f.id from folder f where f.account_id = ${account} and f.id = g.folder_id
        and (${at}::timestamptz is not null or f.deleted_at is null))
    where g.account_id = ${account} and g.id = any(${ids}::uuid[])`.execute(tx);
}

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

/** Text as it is, for `like`: its wildcards stand for themselves. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (wildcard) => `\\${wildcard}`);
}

/** The bridge's folder, made at its first list sync. People may rename it; it stays the bridge's. */
export async function ensureBridgeFolder(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  name: string,
  now: Temporal.Instant,
): Promise<FolderId> {
  await sql`insert into folder (account_id, id, bridge_id, name, created_at)
    values (${account}, ${newId()}, ${bridge}, ${name}, ${now})
    on conflict (account_id, bridge_id) where bridge_id is not null do update set deleted_at = null
      where folder.deleted_at is not null`.execute(tx);
  const { rows } = await sql<{ id: FolderId }>`
    select id from folder where account_id = ${account} and bridge_id = ${bridge}`.execute(tx);
  return (rows[0] as { id: FolderId }).id;
}

/**
 * Brings the groups in step with the AMS's list of queries: adds, renames wherever they were moved, marks vanished
 * ones, revives returned ones, deletes none and changes no count. (product 1.1)
 */
export async function mergeGroups(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  folder: FolderId,
  queries: readonly MessagingJobQuery[],
  now: Temporal.Instant,
): Promise<ListChanges> {
  const list = JSON.stringify(queries);
  const listed = sql`jsonb_to_recordset(${list}::jsonb) as x(key text, name text)`;
  const own = sql`g.account_id = ${account} and g.bridge_id = ${bridge}`;
  const revived = await sql<{ name: string }>`update target_group g set missing_since = null
    where ${own} and g.missing_since is not null and g.query_key in (select x.key from ${listed}) returning g.name`.execute(
    tx,
  );
  const renamed = await sql<{ name: string }>`update target_group g set name = x.name from ${listed}
    where ${own} and g.query_key = x.key and g.name <> x.name returning g.name`.execute(tx);
  const missing = await sql<{ name: string }>`update target_group g set missing_since = ${now}
    where ${own} and g.missing_since is null and g.query_key not in (select x.key from ${listed}) returning g.name`.execute(
    tx,
  );
  const ids = JSON.stringify(queries.map((query) => ({ key: query.key, id: newId() })));
  const added = await sql<{ name: string }>`
    insert into target_group (account_id, id, folder_id, kind, bridge_id, query_key, name, created_at)
    select ${account}::uuid, i.id, ${folder}::uuid, 'bridge', ${bridge}::uuid, x.key, x.name, ${now}::timestamptz
    from ${listed} join jsonb_to_recordset(${ids}::jsonb) as i(key text, id uuid) on i.key = x.key
    on conflict (account_id, bridge_id, query_key) where kind = 'bridge' do nothing returning name`.execute(tx);
  const names = (result: { rows: { name: string }[] }) => result.rows.map((row) => row.name);
  return { added: names(added), renamed: names(renamed), missing: names(missing), revived: names(revived) };
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

/** What a read says of its group: rows by what became of them, and how many members of each standing it brings or takes. */
export type CountsOfRead = Pick<
  Counts,
  "totalRecords" | "unusable" | "withoutAddress" | "malformedAddress" | "duplicate"
> & { readonly moved: Pick<Counts, "doNotEmail" | "unsubscribed" | "badEmail" | "sendable"> };

/** The group becomes the result of one read: its chain, and when. @returns how many are sendable now */
export async function updateGroupCounted(
  tx: Tx,
  account: AccountId,
  id: GroupId,
  syncId: string,
  counts: CountsOfRead,
  now: Temporal.Instant,
): Promise<number> {
  const { moved } = counts;
  const { rows } = await sql<{ sendable: number }>`
    update target_group set count_state = 'counted', counted_at = ${now}, counted_by = ${syncId},
      total_records = ${counts.totalRecords}, unusable = ${counts.unusable}, without_address = ${counts.withoutAddress},
      malformed_address = ${counts.malformedAddress}, duplicate = ${counts.duplicate},
      do_not_email = do_not_email + ${moved.doNotEmail}, unsubscribed = unsubscribed + ${moved.unsubscribed},
      bad_email = bad_email + ${moved.badEmail}, sendable = sendable + ${moved.sendable}
    where account_id = ${account} and id = ${id} returning sendable`.execute(tx);
  return rows[0]?.sendable ?? 0;
}

/** The last sync failed: the group keeps its last good members, and says so. */
export async function updateGroupError(tx: Tx, account: AccountId, id: GroupId): Promise<void> {
  await sql`update target_group set count_state = 'error' where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function updateGroupGuard(
  tx: Tx,
  account: AccountId,
  id: GroupId,
  guard: { readonly percent: number | null; readonly minimum: number | null; readonly absolute: number | null },
): Promise<void> {
  await sql`update target_group set guard_percent = ${guard.percent}, guard_minimum = ${guard.minimum},
    guard_absolute = ${guard.absolute}, version = version + 1 where account_id = ${account} and id = ${id}`.execute(tx);
}
