import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { endedStates } from "./store.ts";
import type { NightlyRunId, SyncId } from "./sync.ts";

/** One Nightly Sync: a list sync, then a subscriber sync for each group that it takes. */
export interface NightlyRun {
  readonly id: NightlyRunId;
  readonly bridgeId: BridgeId;
  /** The night it is for, by the account's calendar: `2026-11-23`. */
  readonly localDate: string;
  readonly dueAt: Temporal.Instant;
  readonly startedAt: Temporal.Instant;
  readonly judgedAt: Temporal.Instant;
  /** `schedule`, or who asked for it. */
  readonly causedBy: string;
  readonly state: "listing" | "syncing" | "done";
  readonly finishedAt: Temporal.Instant | null;
  readonly note: string | null;
}

const columns = sql`id, bridge_id as "bridgeId", local_date as "localDate", due_at as "dueAt", started_at as "startedAt",
  judged_at as "judgedAt", caused_by as "causedBy", state, finished_at as "finishedAt", note`;

/** @returns false when this night has its scheduled run already */
export async function insertNightlyRun(tx: Tx, account: AccountId, run: NightlyRun): Promise<boolean> {
  const result = await sql`insert into nightly_run
      (account_id, id, bridge_id, local_date, due_at, started_at, judged_at, caused_by, state, finished_at, note)
    values (${account}, ${run.id}, ${run.bridgeId}, ${run.localDate}, ${run.dueAt}, ${run.startedAt}, ${run.judgedAt},
      ${run.causedBy}, ${run.state}, ${run.finishedAt}, ${run.note})
    on conflict (account_id, bridge_id, local_date) where caused_by = 'schedule' do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function selectNightlyRun(tx: Tx, account: AccountId, id: NightlyRunId): Promise<NightlyRun | undefined> {
  const { rows } = await sql<NightlyRun>`select ${columns} from nightly_run
    where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0];
}

/** The same, held for change: two workers can't both go on with it. */
export async function lockNightlyRun(tx: Tx, account: AccountId, id: NightlyRunId): Promise<NightlyRun | undefined> {
  const { rows } = await sql<NightlyRun>`select ${columns} from nightly_run
    where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return rows[0];
}

/** A page of runs, the latest first. */
export interface NightlyPage {
  readonly limit: number;
  readonly after?: { readonly startedAt: string; readonly id: string } | undefined;
}

export async function selectNightlyRuns(
  tx: Tx,
  account: AccountId,
  { limit, after }: NightlyPage,
): Promise<readonly NightlyRun[]> {
  const { rows } = await sql<NightlyRun>`select ${columns} from nightly_run
    where account_id = ${account}
      ${after ? sql`and (started_at, id) < (${after.startedAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by started_at desc, id desc limit ${limit}`.execute(tx);
  return rows;
}

export async function updateNightlyState(
  tx: Tx,
  account: AccountId,
  id: NightlyRunId,
  state: NightlyRun["state"],
  at: Temporal.Instant,
  note: string | null,
): Promise<void> {
  await sql`update nightly_run set state = ${state}, note = coalesce(${note}, note),
      finished_at = case when ${state} = 'done' then ${at}::timestamptz end
    where account_id = ${account} and id = ${id}`.execute(tx);
}

export interface GroupVerdict {
  readonly groupId: GroupId;
  readonly isTaken: boolean;
  readonly reason: string;
  readonly syncId: SyncId | null;
}

/** All verdicts of a run in one statement: two thousand groups are one round trip. */
export async function insertVerdicts(
  tx: Tx,
  account: AccountId,
  run: NightlyRunId,
  verdicts: readonly GroupVerdict[],
): Promise<void> {
  await sql`insert into nightly_verdict (account_id, run_id, group_id, is_taken, reason, sync_id)
    select ${account}::uuid, ${run}::uuid, x."groupId", x."isTaken", x.reason, x."syncId"
    from jsonb_to_recordset(${JSON.stringify(verdicts)}::jsonb)
      as x("groupId" uuid, "isTaken" boolean, reason text, "syncId" uuid)`.execute(tx);
}

export async function selectVerdicts(
  tx: Tx,
  account: AccountId,
  run: NightlyRunId,
): Promise<readonly (GroupVerdict & { readonly groupName: string; readonly state: string | null })[]> {
  const { rows } = await sql<GroupVerdict & { groupName: string; state: string | null }>`
    select v.group_id as "groupId", g.name as "groupName", v.is_taken as "isTaken", v.reason, v.sync_id as "syncId", s.state
    from nightly_verdict v
    join target_group g on g.account_id = v.account_id and g.id = v.group_id
    left join sync s on s.account_id = v.account_id and s.id = v.sync_id
    where v.account_id = ${account} and v.run_id = ${run} order by lower(g.name), g.id`.execute(tx);
  return rows;
}

/** Waiting syncs for many groups in one statement, each with its request; the estimate is the last read's size. */
export async function insertNightlySyncs(
  tx: Tx,
  account: AccountId,
  run: NightlyRun,
  syncs: readonly { readonly id: SyncId; readonly groupId: GroupId }[],
  priority: number,
  now: Temporal.Instant,
): Promise<void> {
  const list = JSON.stringify(syncs);
  await sql`
    with listed as (select x.id, x."groupId" as group_id from jsonb_to_recordset(${list}::jsonb) as x(id uuid, "groupId" uuid)),
    queued as (
      insert into sync (account_id, id, bridge_id, group_id, kind, state, trigger, requested_by, priority, requested_at,
        nightly_run_id, rows_expected)
      select ${account}::uuid, l.id, ${run.bridgeId}::uuid, l.group_id, 'subscriber', 'queued', 'nightly',
        ${run.causedBy}, ${priority}, ${now}::timestamptz, ${run.id}::uuid, nullif(g.total_records, 0)
      from listed l join target_group g on g.account_id = ${account} and g.id = l.group_id),
    requested as (
      insert into sync_request (account_id, sync_id, id, at, trigger, requested_by, joined)
      select ${account}::uuid, l.id, l.id, ${now}::timestamptz, 'nightly', ${run.causedBy}, false from listed l)
    insert into sync_event (account_id, sync_id, at, state, message)
    select ${account}::uuid, l.id, ${now}::timestamptz, 'queued', 'Waiting' from listed l`.execute(tx);
}

/** Open syncs of all groups of a bridge, the least that coalescing asks about them. */
export async function selectOpenGroupSyncs(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
): Promise<readonly { readonly groupId: GroupId; readonly id: SyncId; readonly state: string }[]> {
  const { rows } = await sql<{ groupId: GroupId; id: SyncId; state: string }>`
    select group_id as "groupId", id, state from sync
    where account_id = ${account} and bridge_id = ${bridge} and group_id is not null and not is_dry_run
      and state not in ${endedStates}`.execute(tx);
  return rows;
}

/** How the run's list sync stands, and whether a group of it waits or is at work: asked at each sync's end. */
export async function selectNightlyProgress(
  tx: Tx,
  account: AccountId,
  run: NightlyRunId,
): Promise<{ readonly listState: string | null; readonly isOpen: boolean }> {
  // From the bridge's open syncs, found by their own index, to the verdict: the first that is the run's ends the search.
  const { rows } = await sql<{ listState: string | null; isOpen: boolean }>`
    select (select s.state from sync s where s.account_id = ${account} and s.id = n.list_sync_id) as "listState",
      exists (
        select from sync s
        where s.account_id = ${account} and s.bridge_id = n.bridge_id and s.state in ('queued', 'reading', 'comparing', 'applying')
          and exists (select from nightly_verdict v
            where v.account_id = ${account} and v.run_id = ${run} and v.group_id = s.group_id and v.sync_id = s.id)) as "isOpen"
    from nightly_run n where n.account_id = ${account} and n.id = ${run}`.execute(tx);
  return rows[0] ?? { listState: null, isOpen: false };
}

/** Runs of one bridge that are not done. */
export async function selectOpenNightlyRunsOf(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
): Promise<readonly NightlyRunId[]> {
  const { rows } = await sql<{ id: NightlyRunId }>`select id from nightly_run
    where account_id = ${account} and bridge_id = ${bridge} and state <> 'done'`.execute(tx);
  return rows.map(({ id }) => id);
}

/** For the worker's sweep: runs that are not done. */
export async function selectOpenNightlyRuns(
  tx: Tx,
): Promise<readonly { readonly accountId: AccountId; readonly runId: NightlyRunId }[]> {
  const { rows } = await sql<{ accountId: AccountId; runId: NightlyRunId }>`
    select account_id as "accountId", id as "runId" from nightly_run where state <> 'done'`.execute(tx);
  return rows;
}

/** Which sync reads the list for this run: a new one, or one that it joined. */
export async function updateNightlyListSync(
  tx: Tx,
  account: AccountId,
  run: NightlyRunId,
  sync: SyncId,
): Promise<void> {
  await sql`update nightly_run set list_sync_id = ${sync} where account_id = ${account} and id = ${run}`.execute(tx);
}

export async function hasScheduledRun(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  localDate: string,
): Promise<boolean> {
  const { rows } = await sql`select 1 from nightly_run where account_id = ${account} and bridge_id = ${bridge}
    and local_date = ${localDate} and caused_by = 'schedule'`.execute(tx);
  return rows.length > 0;
}
