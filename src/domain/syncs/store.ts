import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { Cause, NightlyRunId, Sync, SyncFailure, SyncId, SyncState, Trigger } from "./sync.ts";

const columns = sql`s.id, s.bridge_id as "bridgeId", s.group_id as "groupId", g.name as "groupName", g.query_key as "queryKey", s.kind,
  s.is_dry_run as "isDryRun", s.state, s.trigger, s.requested_by as "requestedBy", s.priority,
  s.requested_at as "requestedAt", s.started_at as "startedAt", s.finished_at as "finishedAt",
  s.progress_at as "progressAt", s.attempt, s.nightly_run_id as "nightlyRunId",
  s.cancel_requested_by as "cancelRequestedBy", s.fields, s.rows_read as "rowsRead", s.rows_expected as "rowsExpected",
  s.rows_applied as "rowsApplied", s.unusable, s.without_address as "withoutAddress",
  s.malformed_address as "malformedAddress", s.duplicate, s.distinct_valid as "distinctValid",
  s.members_before as "membersBefore", s.added, s.removed, s.updated, s.sendable, s.list_changes as "listChanges",
  s.error_kind as "errorKind", s.error_message as "errorMessage", s.error_detail as "errorDetail",
  s.held_reason as "heldReason", s.decided_by as "decidedBy"`;
const source = sql`sync s left join target_group g on g.account_id = s.account_id and g.id = s.group_id`;

export async function selectSync(tx: Tx, account: AccountId, id: SyncId): Promise<Sync | undefined> {
  const { rows } = await sql<Sync>`select ${columns} from ${source}
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
  const { rows } = await sql<Sync>`select ${columns} from ${source}
    where s.account_id = ${account} and s.bridge_id = ${bridge} and s.group_id is not distinct from ${group}::uuid
      and s.state not in ('succeeded', 'failed', 'cancelled')
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
  const { rows: running } = await sql<Sync>`select ${columns} from ${source}
    where s.account_id = ${account} and s.bridge_id = ${bridge} and s.state in ('reading', 'comparing', 'applying')
    order by s.started_at limit ${limit}`.execute(tx);
  const { rows } = await sql<{ waiting: number }>`select count(*) as waiting from sync
    where account_id = ${account} and bridge_id = ${bridge} and state = 'queued'`.execute(tx);
  return { running, waiting: rows[0]?.waiting ?? 0 };
}

export interface SyncFilter {
  readonly kind?: "list" | "subscriber" | undefined;
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
  const { rows } = await sql<Sync>`select ${columns} from ${source}
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
  const { rows } = await sql<Sync>`select ${columns} from ${source}
    where s.account_id = ${account} and s.id = any(${ids}::uuid[])`.execute(tx);
  return rows;
}

export interface NewSync {
  readonly id: SyncId;
  readonly bridgeId: BridgeId;
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
      ${sync.groupId === null ? "list" : "subscriber"}, ${sync.isDryRun}, 'queued', ${cause.trigger}, ${cause.by},
      ${sync.priority}, ${now}, ${cause.nightlyRunId ?? null},
      (select nullif(total_records, 0) from target_group where account_id = ${account} and id = ${sync.groupId}))`.execute(
    tx,
  );
}

export async function insertSyncRequest(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
  cause: Cause,
  joined: boolean,
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into sync_request (account_id, sync_id, id, at, trigger, requested_by, joined)
    values (${account}, ${sync}, ${newId()}, ${now}, ${cause.trigger}, ${cause.by}, ${joined})`.execute(tx);
}

export async function selectSyncRequests(tx: Tx, account: AccountId, sync: SyncId): Promise<readonly SyncRequest[]> {
  const { rows } = await sql<SyncRequest>`select at, trigger, requested_by as "requestedBy", joined
    from sync_request where account_id = ${account} and sync_id = ${sync} order by at, id limit 200`.execute(tx);
  return rows;
}

export interface SyncRequest {
  readonly at: Temporal.Instant;
  readonly trigger: Trigger;
  readonly requestedBy: string;
  readonly joined: boolean;
}

/** A waiting sync is as urgent as the most urgent of those who wait for it. */
export async function raisePriority(tx: Tx, account: AccountId, sync: SyncId, priority: number): Promise<void> {
  await sql`update sync set priority = ${priority}
    where account_id = ${account} and id = ${sync} and state = 'queued' and priority > ${priority}`.execute(tx);
}

export interface SyncEvent {
  readonly at: Temporal.Instant;
  readonly state: SyncState;
  readonly message: string;
  readonly detail: object;
}

/** Appends a line to the sync's story and wakes whoever watches it, at the commit. */
export async function insertSyncEvent(tx: Tx, account: AccountId, sync: SyncId, event: SyncEvent): Promise<void> {
  await sql`with told as (insert into sync_event (account_id, sync_id, at, state, message, detail)
      values (${account}, ${sync}, ${event.at}, ${event.state}, ${event.message}, ${JSON.stringify(event.detail)}::jsonb))
    select pg_notify(${syncChannel}, ${`${account} ${sync}`})`.execute(tx);
}

export async function selectSyncEvents(tx: Tx, account: AccountId, sync: SyncId): Promise<readonly SyncEvent[]> {
  const { rows } = await sql<SyncEvent>`select at, state, message, detail from sync_event
    where account_id = ${account} and sync_id = ${sync} order by id limit 500`.execute(tx);
  return rows;
}

/** The channel on which every change of a sync is told; the payload is `account sync`. */
export const syncChannel = "lockstep_sync";

/** The channel of other changes, told by triggers: `account groups`, `account bridge`, `session session` for its end. */
export const changeChannel = "lockstep_change";

export async function notifySync(tx: Tx, account: AccountId, sync: SyncId): Promise<void> {
  await sql`select pg_notify(${syncChannel}, ${`${account} ${sync}`})`.execute(tx);
}

/** What stands in the way of a run's own write: it was taken over, or ended by somebody else. */
export class SyncLostError extends Error {
  override readonly name = "SyncLostError";
}

/**
 * Moves a running sync on, if it is still this attempt's.
 * @throws SyncLostError when another process took it over meanwhile
 */
export async function updateSyncState(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
  state: "reading" | "comparing" | "applying",
  now: Temporal.Instant,
): Promise<void> {
  const result = await sql`update sync set state = ${state}, progress_at = ${now}
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt}
      and state in ('reading', 'comparing', 'applying')`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/** Lets go of a running sync, to be gone on with by whoever is free. */
export async function releaseSync(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
): Promise<void> {
  await sql`update sync set run_by = null where account_id = ${account} and id = ${sync.id}
    and attempt = ${sync.attempt} and state in ('reading', 'comparing', 'applying')`.execute(tx);
}

/** Rows applied so far, for the page. Outside the transaction that applies them, so that it is seen at once. */
export async function updateRowsApplied(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
  rows: number,
  now: Temporal.Instant,
): Promise<void> {
  await sql`update sync set rows_applied = ${rows}, progress_at = ${now}
    where account_id = ${account} and id = ${sync}`.execute(tx);
  await notifySync(tx, account, sync);
}

/** @throws SyncLostError when the sync is no longer this attempt's */
export async function endSyncFailed(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
  failure: SyncFailure,
  now: Temporal.Instant,
): Promise<void> {
  const result = await sql`update sync set state = 'failed', finished_at = ${now}, run_by = null,
      error_kind = ${failure.kind}, error_message = ${failure.message}, error_detail = ${failure.detail ?? null}
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt}
      and state in ('queued', 'reading', 'comparing', 'applying')`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/** Ends a sync as cancelled, whatever open state it is in. */
export async function endSyncCancelled(tx: Tx, account: AccountId, sync: SyncId, now: Temporal.Instant): Promise<void> {
  await sql`update sync set state = 'cancelled', finished_at = ${now}, run_by = null
    where account_id = ${account} and id = ${sync} and state not in ('succeeded', 'failed', 'cancelled')`.execute(tx);
}

export async function updateCancelRequested(tx: Tx, account: AccountId, sync: SyncId, by: string): Promise<void> {
  await sql`update sync set cancel_requested_by = ${by}
    where account_id = ${account} and id = ${sync} and cancel_requested_by is null`.execute(tx);
}

/** Whether the run should go on: still this attempt's, and nobody cancelled it. */
export async function selectRunStanding(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
): Promise<"running" | "cancelled" | "lost"> {
  const { rows } = await sql<{ isOurs: boolean; isCancelled: boolean }>`
    select attempt = ${sync.attempt} and state in ('reading', 'comparing', 'applying') as "isOurs",
      cancel_requested_by is not null as "isCancelled"
    from sync where account_id = ${account} and id = ${sync.id}`.execute(tx);
  if (!rows[0]?.isOurs) return "lost";
  return rows[0].isCancelled ? "cancelled" : "running";
}

export async function endListSync(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
  changes: NonNullable<Sync["listChanges"]>,
  now: Temporal.Instant,
): Promise<void> {
  const result = await sql`update sync set state = 'succeeded', finished_at = ${now}, run_by = null,
      list_changes = ${JSON.stringify(changes)}::jsonb
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt} and state = 'applying'`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/** What a read found, and what it changed, would change, or is held for. */
export interface SyncFindings {
  readonly total: number;
  readonly unusable: number;
  readonly withoutAddress: number;
  readonly malformedAddress: number;
  readonly duplicate: number;
  readonly distinctValid: number;
  readonly membersBefore: number;
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
}

/** @throws SyncLostError when the sync is no longer this attempt's */
export async function updateSyncFindings(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
  found: SyncFindings,
): Promise<void> {
  const result = await sql`update sync set unusable = ${found.unusable}, without_address = ${found.withoutAddress},
      malformed_address = ${found.malformedAddress}, duplicate = ${found.duplicate},
      distinct_valid = ${found.distinctValid}, members_before = ${found.membersBefore}, added = ${found.added},
      removed = ${found.removed}, updated = ${found.updated}, rows_read = ${found.total}
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt}`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/** @throws SyncLostError when the sync is no longer this attempt's */
export async function endSubscriberSync(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
  end: { readonly sendable: number; readonly decidedBy: string | null },
  now: Temporal.Instant,
): Promise<void> {
  const result = await sql`update sync set state = 'succeeded', finished_at = ${now}, run_by = null,
      sendable = ${end.sendable}, decided_by = ${end.decidedBy}
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt}
      and state in ('reading', 'comparing', 'applying', 'held')`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/** @throws SyncLostError when the sync is no longer this attempt's */
export async function holdSync(
  tx: Tx,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number },
  reason: string,
  now: Temporal.Instant,
): Promise<void> {
  const result = await sql`update sync set state = 'held', held_reason = ${reason}, run_by = null, progress_at = ${now}
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt}
      and state in ('reading', 'comparing', 'applying')`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/** Holds a sync's row until the transaction ends: a decision about it is made once. */
export async function lockSync(tx: Tx, account: AccountId, id: SyncId): Promise<Sync | undefined> {
  await sql`select 1 from sync where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return selectSync(tx, account, id);
}

export async function updateSyncDecided(tx: Tx, account: AccountId, id: SyncId, by: string): Promise<void> {
  await sql`update sync set decided_by = ${by} where account_id = ${account} and id = ${id}`.execute(tx);
}
