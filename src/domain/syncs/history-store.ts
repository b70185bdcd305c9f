import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { escapeLike } from "../../platform/database/like.ts";
import type { AccountId } from "../accounts/account.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { RejectReason } from "./row.rules.ts";
import { differenceTable, stagingTable } from "./staging-store.ts";
import type { SyncId } from "./sync.ts";

/** A person of a group, as lists show one. */
export interface Member {
  readonly subscriberId: number;
  readonly remoteId: string | null;
  readonly email: string;
  readonly standing: "do_not_email" | "unsubscribed" | "bad_email" | "sendable";
  /** Of the fields that are kept, as they are today. */
  readonly values: Readonly<Record<string, string>>;
  /** Null in a compound group, whose members are computed. */
  readonly addedBy: SyncId | null;
  readonly removedBy: SyncId | null;
}

const memberColumns = sql`s.id as "subscriberId", s.remote_id as "remoteId", s.email, s.standing, s."values",
  m.added_by as "addedBy", m.removed_by as "removedBy"`;

export interface MemberFilter {
  readonly groupId: GroupId;
  /** Who was in the group at that moment; now, when left out. */
  readonly at?: Temporal.Instant | undefined;
  readonly standing?: Member["standing"] | undefined;
  /** Beginning of the address, or a whole remote ID. */
  readonly search?: string | undefined;
  readonly limit: number;
  readonly after?: number | undefined;
}

/**
 * One page of members, in the order in which they first came. `membership_open` serves the present; a past moment is
 * the memberships begun by a sync up to it and not ended by one up to it. (product 1.8)
 */
export async function selectMembers(tx: Tx, account: AccountId, filter: MemberFilter): Promise<readonly Member[]> {
  const { groupId, at } = filter;
  const untilThen = sql`select id from sync where account_id = ${account} and group_id = ${groupId}
    and state = 'succeeded' and finished_at <= ${at ?? null}::timestamptz`;
  const present = at
    ? sql`m.added_by in (${untilThen}) and (m.removed_by is null or m.removed_by not in (${untilThen}))`
    : sql`m.removed_by is null`;
  const search = filter.search?.trim().toLowerCase();
  const { rows } = await sql<Member>`
    select ${memberColumns} from membership m
    join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id
    where m.account_id = ${account} and m.group_id = ${groupId} and ${present}
      ${filter.standing ? sql`and s.standing = ${filter.standing}` : sql``}
      ${search ? sql`and (s.email_key like ${`${escapeLike(search)}%`} or s.remote_id = ${search})` : sql``}
      ${filter.after === undefined ? sql`` : sql`and m.subscriber_id > ${filter.after}`}
    order by m.subscriber_id limit ${filter.limit}`.execute(tx);
  return rows;
}

/** Of these people, who is in the group now, in the order given by their ids. */
export async function selectMembersAmong(
  tx: Tx,
  account: AccountId,
  group: GroupId,
  people: readonly number[],
): Promise<readonly Member[]> {
  const { rows } = await sql<Member>`
    select ${memberColumns} from membership m
    join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id
    where m.account_id = ${account} and m.group_id = ${group} and m.removed_by is null
      and m.subscriber_id = any(${people}::bigint[])
    order by m.subscriber_id`.execute(tx);
  return rows;
}

export interface RejectedRow {
  readonly fingerprint: string;
  readonly remoteId: string;
  readonly email: string;
  readonly reason: RejectReason;
  readonly since: SyncId;
}

/** Rows of the group's last good read that can't be used, by reason. `rejected_row_list` serves it. (product 1.7) */
export async function selectRejectedRows(
  tx: Tx,
  account: AccountId,
  filter: {
    readonly groupId: GroupId;
    readonly reasons: readonly RejectReason[] | undefined;
    readonly limit: number;
    readonly after?: { readonly reason: string; readonly remoteId: string; readonly fingerprint: string } | undefined;
  },
): Promise<readonly RejectedRow[]> {
  const { after } = filter;
  const { rows } = await sql<RejectedRow>`
    select fingerprint, remote_id as "remoteId", email, reason, added_by as since from rejected_row r
    where account_id = ${account} and group_id = ${filter.groupId} and removed_by is null
      ${filter.reasons ? sql`and reason = any(${filter.reasons}::text[])` : sql``}
      ${after ? sql`and (reason, remote_id, fingerprint) > (${after.reason}, ${after.remoteId}, ${after.fingerprint}::uuid)` : sql``}
    order by reason, remote_id, fingerprint limit ${filter.limit}`.execute(tx);
  return rows;
}

export type ChangeKind = "added" | "removed";

/** Who was added or removed by one sync. `membership_added` and `membership_removed` serve it. (product 1.8) */
export async function selectChanges(
  tx: Tx,
  account: AccountId,
  filter: {
    readonly syncId: SyncId;
    readonly kind: ChangeKind;
    readonly limit: number;
    readonly after?: number | undefined;
  },
): Promise<readonly Member[]> {
  const column = filter.kind === "added" ? sql`m.added_by` : sql`m.removed_by`;
  const { rows } = await sql<Member>`
    select ${memberColumns} from membership m
    join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id
    where m.account_id = ${account} and ${column} = ${filter.syncId}
      ${filter.after === undefined ? sql`` : sql`and m.subscriber_id > ${filter.after}`}
    order by m.subscriber_id limit ${filter.limit}`.execute(tx);
  return rows;
}

/** A person that a held sync or a dry run would add, remove or change. */
export interface WouldChange {
  readonly subscriberId: number;
  readonly remoteId: string | null;
  readonly email: string;
}

/** The difference that a held sync or a dry run wrote down, as long as it is kept. */
export async function selectWouldChanges(
  tx: Tx,
  account: AccountId,
  filter: {
    readonly syncId: SyncId;
    readonly kind: ChangeKind | "updated";
    /** The beginning of an address, or a whole remote ID. */
    readonly search?: string | undefined;
    readonly limit: number;
    readonly after?: number | undefined;
  },
): Promise<readonly WouldChange[]> {
  const column = { added: sql`d.joins`, removed: sql`d.leaves`, updated: sql`d.is_changed` }[filter.kind];
  const search = filter.search?.trim().toLowerCase();
  const { rows } = await sql<WouldChange>`
    select d.subscriber_id as "subscriberId", coalesce(st.remote_id, s.remote_id) as "remoteId", coalesce(st.email, s.email) as email
    from ${differenceTable(filter.syncId)} d
    left join ${stagingTable(filter.syncId)} st on st.sequence = d.sequence
    left join subscriber s on s.account_id = ${account} and s.id = d.subscriber_id
    where ${column} ${filter.after === undefined ? sql`` : sql`and d.subscriber_id > ${filter.after}`}
      ${
        search
          ? sql`and (lower(coalesce(st.email, s.email)) like ${`${escapeLike(search)}%`}
              or coalesce(st.remote_id, s.remote_id) = ${search})`
          : sql``
      }
    order by d.subscriber_id limit ${filter.limit}`.execute(tx);
  return rows;
}

/** Whether the tables of a held sync or a dry run are still there. */
export async function hasDifference(tx: Tx, sync: SyncId): Promise<boolean> {
  const { rows } = await sql<{ isThere: boolean }>`
    select to_regclass(${`staging.difference_${sync.replaceAll("-", "")}`}) is not null as "isThere"`.execute(tx);
  return rows[0]?.isThere ?? false;
}

export interface GroupPeriod {
  readonly groupId: GroupId;
  readonly groupName: string;
  readonly addedBy: SyncId;
  readonly addedAt: Temporal.Instant;
  readonly removedBy: SyncId | null;
  readonly removedAt: Temporal.Instant | null;
}

export interface GroupPeriods {
  readonly groups: readonly GroupPeriod[];
  readonly groupsInAll: number;
}

/**
 * Which groups one person is or was in, since when and by which sync: the first 500, those of the present before those
 * of the past, and how many there are in all. (product 1.8)
 */
export async function selectGroupPeriods(tx: Tx, account: AccountId, subscriber: number): Promise<GroupPeriods> {
  const { rows } = await sql<GroupPeriod & { inAll: number }>`
    select m.group_id as "groupId", g.name as "groupName", m.added_by as "addedBy", a.finished_at as "addedAt",
      m.removed_by as "removedBy", r.finished_at as "removedAt", count(*) over () as "inAll"
    from membership m
    join target_group g on g.account_id = m.account_id and g.id = m.group_id
    join sync a on a.account_id = m.account_id and a.id = m.added_by
    left join sync r on r.account_id = m.account_id and r.id = m.removed_by
    where m.account_id = ${account} and m.subscriber_id = ${subscriber}
    order by m.removed_by is not null, a.finished_at desc, m.group_id limit 500`.execute(tx);
  return { groups: rows, groupsInAll: rows[0]?.inAll ?? 0 };
}
