import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { escapeLike } from "../../platform/database/like.ts";
import type { AccountId } from "../accounts/account.ts";
import { type GroupRow, groupColumns, toGroup } from "./store.ts";
import type { FolderId, GroupId, TargetGroup } from "./target-group.ts";

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
    select ${groupColumns}, ${key} as key, ${lastUsedAt} as "lastUsedAt" from target_group g
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
