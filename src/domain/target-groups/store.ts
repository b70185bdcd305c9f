import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Counts } from "./count-details.rules.ts";
import type { FolderId, GroupId, TargetGroup } from "./target-group.ts";

export type GroupRow = Omit<TargetGroup, "counts"> & Counts;

/** What a group `g` is, for `toGroup`. */
export const groupColumns = sql`g.id, g.folder_id as "folderId", g.kind, g.bridge_id as "bridgeId", g.query_key as "queryKey", g.name,
  g.created_at as "createdAt", g.missing_since as "missingSince", g.deleted_at as "deletedAt", g.version, g.guard_percent as "guardPercent",
  g.guard_minimum as "guardMinimum", g.guard_absolute as "guardAbsolute", g.count_state as "countState",
  g.counted_at as "countedAt", g.total_records as "totalRecords", g.unusable, g.without_address as "withoutAddress",
  g.malformed_address as "malformedAddress", g.duplicate, g.do_not_email as "doNotEmail", g.unsubscribed,
  g.bad_email as "badEmail", g.sendable`;

export function toGroup(row: GroupRow): TargetGroup {
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
  const { rows } = await sql<GroupRow>`select ${groupColumns} from target_group g
    where g.account_id = ${account} and g.id = ${id} and g.deleted_at is null`.execute(tx);
  return rows[0] && toGroup(rows[0]);
}

/** Groups by their ids, deleted ones too, held for change in one order: two changes of many can't wait for each other. */
export async function lockGroups(tx: Tx, account: AccountId, ids: readonly GroupId[]): Promise<readonly TargetGroup[]> {
  const { rows } = await sql<GroupRow>`select ${groupColumns} from target_group g
    where g.account_id = ${account} and g.id = any(${ids}::uuid[]) order by g.id for no key update`.execute(tx);
  return rows.map(toGroup);
}

/** Groups by their ids, deleted ones too. */
export async function selectGroups(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
): Promise<ReadonlyMap<GroupId, TargetGroup>> {
  const { rows } = await sql<GroupRow>`select ${groupColumns} from target_group g
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
