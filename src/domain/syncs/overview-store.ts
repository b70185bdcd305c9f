import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { SyncId } from "./sync.ts";

/** A group that is not in step, and what is in its way. */
export interface GroupTrouble {
  readonly kind: "held" | "failed" | "missing";
  readonly groupId: GroupId;
  readonly groupName: string;
  /** The sync that is held or failed; null for a group that is missing in the AMS. */
  readonly syncId: SyncId | null;
  readonly at: Temporal.Instant;
  readonly reason: string;
}

/** A list sync that failed. */
export interface FailedList {
  readonly syncId: SyncId;
  readonly at: Temporal.Instant;
  readonly reason: string;
}

/** How many groups were counted how long ago; whole numbers that add up to all groups. */
export interface Freshness {
  readonly hour: number;
  readonly day: number;
  readonly week: number;
  readonly older: number;
  readonly never: number;
}

/**
 * The groups that require attention, what waits for a person first, the latest first. A failure counts until a later
 * sync of the group succeeds.
 */
export async function selectGroupTroubles(tx: Tx, account: AccountId, limit: number): Promise<readonly GroupTrouble[]> {
  const { rows } = await sql<GroupTrouble>`
    with held as (
      select 'held' as kind, s.group_id, s.id as sync_id, coalesce(s.progress_at, s.requested_at) as at, s.held_reason as reason
      from sync s where s.account_id = ${account} and s.state = 'held'
    ), failed as (
      -- The group remembers that its last sync failed; which one that was, sync_of_group finds by its newest rows.
      select 'failed' as kind, g.id as group_id, s.id as sync_id, s.finished_at as at, s.error_message as reason
      from target_group g cross join lateral (
        select id, finished_at, error_message from sync
        where account_id = g.account_id and group_id = g.id and state = 'failed' and not is_dry_run
        order by id desc limit 1) s
      where g.account_id = ${account} and g.count_state = 'error' and g.deleted_at is null
    ), missing as (
      select 'missing' as kind, g.id as group_id, null::uuid as sync_id, g.missing_since as at,
        'Its query vanished from netFORUM Pro.' as reason
      from target_group g where g.account_id = ${account} and g.missing_since is not null and g.deleted_at is null
    )
    select t.kind, t.group_id as "groupId", g.name as "groupName", t.sync_id as "syncId", t.at, t.reason
    from (select * from held union all select * from failed union all select * from missing) t
    join target_group g on g.account_id = ${account} and g.id = t.group_id
    order by case t.kind when 'held' then 0 when 'failed' then 1 else 2 end, t.at desc, t.group_id limit ${limit}`.execute(
    tx,
  );
  return rows;
}

/** The latest list sync, if it failed: a later one that succeeds ends the trouble. */
export async function selectFailedList(tx: Tx, account: AccountId): Promise<FailedList | null> {
  const { rows } = await sql<FailedList & { isFailed: boolean }>`
    select id as "syncId", finished_at as at, error_message as reason, state = 'failed' as "isFailed"
    from sync where account_id = ${account} and kind = 'list' and state in ('succeeded', 'failed')
    order by requested_at desc, id desc limit 1`.execute(tx);
  const [latest] = rows;
  if (!latest?.isFailed) return null;
  const { syncId, at, reason } = latest;
  return { syncId, at, reason };
}

export async function selectFreshness(tx: Tx, account: AccountId, now: Temporal.Instant): Promise<Freshness> {
  const { rows } = await sql<Freshness>`
    select count(*) filter (where counted_at > ${now}::timestamptz - interval '1 hour') as hour,
      count(*) filter (where counted_at <= ${now}::timestamptz - interval '1 hour' and counted_at > ${now}::timestamptz - interval '24 hours') as day,
      count(*) filter (where counted_at <= ${now}::timestamptz - interval '24 hours' and counted_at > ${now}::timestamptz - interval '7 days') as week,
      count(*) filter (where counted_at <= ${now}::timestamptz - interval '7 days') as older,
      count(*) filter (where counted_at is null) as never
    from target_group where account_id = ${account} and kind = 'bridge' and deleted_at is null`.execute(tx);
  return rows[0] as Freshness;
}

/** What became of the groups that a night took. */
export interface NightCounts {
  readonly taken: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly held: number;
  readonly open: number;
}

export async function selectNightCounts(tx: Tx, account: AccountId, run: string): Promise<NightCounts> {
  const { rows } = await sql<NightCounts>`
    select count(*) filter (where v.is_taken) as taken, count(*) filter (where s.state = 'succeeded') as succeeded,
      count(*) filter (where s.state in ('failed', 'cancelled')) as failed, count(*) filter (where s.state = 'held') as held,
      count(*) filter (where s.state in ('queued', 'reading', 'comparing', 'applying')) as open
    from nightly_verdict v left join sync s on s.account_id = v.account_id and s.id = v.sync_id
    where v.account_id = ${account} and v.run_id = ${run}`.execute(tx);
  return rows[0] as NightCounts;
}
