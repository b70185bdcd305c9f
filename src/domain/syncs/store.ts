import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { Cause, NightlyRunId, Sync, SyncId, SyncKind, SyncState, Trigger, Wait } from "./sync.ts";

/** States of a sync that a process is at work on, as SQL. */
export const runningStates = sql`('reading', 'comparing', 'applying')`;
/** States of a sync that is over, as SQL. */
export const endedStates = sql`('succeeded', 'failed', 'cancelled')`;

/**
 * What a sync `s` waits for, by what `takeNext` asks before it takes one; the same group's other sync comes before the
 * bridge's reasons, as it stands in the way whatever becomes of those. Nobody waits behind a held one. What runs and
 * the sessions are few and asked for once, whatever the number of rows: 200 that wait cost one look. (product 1.4)
 */
export const waitsFor = (account: AccountId): RawBuilder<Wait | null> => sql`case when s.state = 'queued' then (
  select jsonb_build_object('reason', w.reason,
    'syncId', case w.reason when 'other_sync' then one.other
      when 'session' then (select id::text from sync where account_id = ${account} and bridge_id is not null
        and state in ${runningStates} order by started_at limit 1) end,
    'until', case when w.reason = 'no_answer' then to_char(b.probe_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end)
  from (select (select jsonb_object_agg(coalesce(group_id, bridge_id), id) from sync where account_id = ${account}
      and bridge_id is not null and state in ${runningStates}) ->> coalesce(s.group_id, s.bridge_id)::text as other) one
  left join bridge b on b.account_id = s.account_id and b.id = s.bridge_id
  cross join lateral (select case
    when not b.is_active then 'bridge_inactive'
    when b.needs_attention_since is not null then 'bridge_needs_attention'
    when one.other is not null then 'other_sync'
    when b.probe_at is not null then 'no_answer'
    when b.session_limit <= (select count_sessions(account_id, id, '', '{}') from bridge
      where account_id = ${account}) then 'session'
    else 'turn' end as reason) w) end`;

const columns = (
  account: AccountId,
) => sql`s.id, s.bridge_id as "bridgeId", s.group_id as "groupId", g.name as "groupName", g.query_key as "queryKey", s.kind,
  s.is_dry_run as "isDryRun", s.state, s.trigger, s.requested_by as "requestedBy", s.priority,
  s.requested_at as "requestedAt", case when s.state = 'queued' then (select count(*) from sync q
    where q.account_id = s.account_id and q.bridge_id = s.bridge_id and q.state = 'queued'
      and (q.priority, q.requested_at, q.id) < (s.priority, s.requested_at, s.id)) end as "waitsBehind",
  ${waitsFor(account)} as "waitsFor", s.started_at as "startedAt", s.finished_at as "finishedAt",
  s.progress_at as "progressAt", s.attempt, s.nightly_run_id as "nightlyRunId",
  s.cancel_requested_by as "cancelRequestedBy", s.fields, s.extra_fields as "extraFields", s.rows_read as "rowsRead", s.rows_expected as "rowsExpected",
  s.rows_applied as "rowsApplied", s.unusable, s.without_address as "withoutAddress",
  s.malformed_address as "malformedAddress", s.duplicate, s.distinct_valid as "distinctValid",
  s.members_before as "membersBefore", s.added, s.removed, s.updated, s.sendable, s.list_changes as "listChanges",
  s.error_kind as "errorKind", s.error_message as "errorMessage", s.error_detail as "errorDetail",
  s.held_reason as "heldReason", s.decided_by as "decidedBy"`;
const source = sql`sync s left join target_group g on g.account_id = s.account_id and g.id = s.group_id`;

export async function selectSync(tx: Tx, account: AccountId, id: SyncId): Promise<Sync | undefined> {
  const { rows } = await sql<Sync>`select ${columns(account)} from ${source}
    where s.account_id = ${account} and s.id = ${id}`.execute(tx);
  return rows[0];
}

/** Open syncs of one group, or of the bridge's list when no group is given. At most five. */
export async function selectOpenSyncs(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  group: GroupId | null,
): Promise<readonly Sync[]> {
  const { rows } = await sql<Sync>`select ${columns(account)} from ${source}
    where s.account_id = ${account} and s.bridge_id = ${bridge} and s.group_id is not distinct from ${group}::uuid
      and s.state not in ${endedStates}
    order by s.requested_at`.execute(tx);
  return rows;
}

/** The bridge's syncs that run now, and how many wait behind them. `sync_open` serves both. */
export async function selectOpenSyncsOfBridge(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  limit: number,
): Promise<{ readonly running: readonly Sync[]; readonly waiting: number }> {
  const { rows: running } = await sql<Sync>`select ${columns(account)} from ${source}
    where s.account_id = ${account} and s.bridge_id = ${bridge} and s.state in ${runningStates}
    order by s.started_at limit ${limit}`.execute(tx);
  const { rows } = await sql<{ waiting: number }>`select count(*) as waiting from sync
    where account_id = ${account} and bridge_id = ${bridge} and state = 'queued'`.execute(tx);
  return { running, waiting: rows[0]?.waiting ?? 0 };
}

export interface SyncFilter {
  readonly kind?: SyncKind | undefined;
  readonly triggers?: readonly Trigger[] | undefined;
  readonly states?: readonly SyncState[] | undefined;
  readonly groupId?: GroupId | undefined;
  /** Syncs that brought this person into a group, or took them out. */
  readonly subscriberId?: number | undefined;
  /** Exactly, as syncs name who asked. */
  readonly requestedBy?: string | undefined;
  /** Asked for at or after this instant. */
  readonly from?: Temporal.Instant | undefined;
  /** Asked for before this instant. */
  readonly to?: Temporal.Instant | undefined;
  readonly nightlyRunId?: NightlyRunId | undefined;
  readonly limit: number;
  readonly after?: { readonly requestedAt: string; readonly id: string } | undefined;
}

/**
 * One page of syncs, the latest first. `sync_latest` serves it; filters that few pass have indexes of their own in the
 * same order: `sync_troubled`, `sync_of_list`, `sync_by_trigger`, `sync_by_requester`, `sync_of_group`.
 */
export async function selectSyncPage(tx: Tx, account: AccountId, filter: SyncFilter): Promise<readonly Sync[]> {
  const { after } = filter;
  const { rows } = await sql<Sync>`select ${columns(account)} from ${source}
    where s.account_id = ${account}
      ${filter.kind ? sql`and s.kind = ${filter.kind}` : sql``}
      ${filter.triggers ? sql`and s.trigger = any(${filter.triggers}::text[])` : sql``}
      ${filter.states ? sql`and s.state = any(${filter.states}::text[])` : sql``}
      ${filter.requestedBy ? sql`and s.requested_by = ${filter.requestedBy}` : sql``}
      ${filter.from ? sql`and s.requested_at >= ${filter.from}` : sql``}
      ${filter.to ? sql`and s.requested_at < ${filter.to}` : sql``}
      ${filter.subscriberId === undefined ? sql`` : changedPerson(account, filter.subscriberId)}
      ${filter.groupId ? sql`and s.group_id = ${filter.groupId}` : sql``}
      ${filter.nightlyRunId ? sql`and s.nightly_run_id = ${filter.nightlyRunId}` : sql``}
      ${after ? sql`and (s.requested_at, s.id) < (${after.requestedAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by s.requested_at desc, s.id desc limit ${filter.limit}`.execute(tx);
  return rows;
}

const changedPerson = (account: AccountId, person: number) => sql`and s.id in (
  select added_by from membership where account_id = ${account} and subscriber_id = ${person}
  union select removed_by from membership where account_id = ${account} and subscriber_id = ${person})`;

/** Syncs by their ids, in no order; ids of other accounts find nothing. */
export async function selectSyncs(tx: Tx, account: AccountId, ids: readonly SyncId[]): Promise<readonly Sync[]> {
  const { rows } = await sql<Sync>`select ${columns(account)} from ${source}
    where s.account_id = ${account} and s.id = any(${ids}::uuid[])`.execute(tx);
  return rows;
}

export interface NewSync {
  readonly id: SyncId;
  /** Null for an upload. */
  readonly bridgeId: BridgeId | null;
  readonly groupId: GroupId | null;
  readonly isDryRun: boolean;
  readonly priority: number;
}

/** A sync that waits. The estimate of its rows is what the group's last read had. */
export async function insertSync(
  tx: Tx,
  account: AccountId,
  sync: NewSync,
  cause: Cause,
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into sync (account_id, id, bridge_id, group_id, kind, is_dry_run, state, trigger, requested_by,
      priority, requested_at, nightly_run_id, rows_expected)
    values (${account}, ${sync.id}, ${sync.bridgeId}, ${sync.groupId},
      ${sync.groupId === null ? "list" : sync.bridgeId === null ? "upload" : "subscriber"}, ${sync.isDryRun}, 'queued', ${cause.trigger}, ${cause.by},
      ${sync.priority}, ${now}, ${cause.nightlyRunId ?? null},
      (select nullif(total_records, 0) from target_group where account_id = ${account} and id = ${sync.groupId}))`.execute(
    tx,
  );
}

/** Holds a sync's row until the transaction ends: a decision about it is made once. */
export async function lockSync(tx: Tx, account: AccountId, id: SyncId): Promise<Sync | undefined> {
  await sql`select 1 from sync where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return selectSync(tx, account, id);
}

export async function updateSyncDecided(tx: Tx, account: AccountId, id: SyncId, by: string): Promise<void> {
  await sql`update sync set decided_by = ${by} where account_id = ${account} and id = ${id}`.execute(tx);
}
