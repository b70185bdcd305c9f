import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { SyncMark } from "../syncs/forget-detail.ts";
import type { HousekeepingRun, HousekeepingRunId } from "./housekeeping.ts";
import type { Batch } from "./steps.ts";

const columns = sql`id, local_date as "localDate", caused_by as "causedBy", asked_at as "askedAt", started_at as "startedAt",
  finished_at as "finishedAt", worked_ms as "workedMs", removed, errors`;

/** An account whose night may have come. */
export interface NightOwner {
  readonly accountId: AccountId;
  readonly timeZone: string;
  /** The hour of its Nightly Sync. */
  readonly hour: number;
  readonly createdAt: Temporal.Instant;
  /** Of its last scheduled run. */
  readonly lastDate: string | null;
}

/** Every account, suspended ones too: what is not kept goes there as well. `housekeeping_run_once_a_night` serves it. */
export async function selectNightOwners(tx: Tx, usualHour: number): Promise<readonly NightOwner[]> {
  const { rows } = await sql<NightOwner>`
    select a.id as "accountId", a.time_zone as "timeZone", coalesce(b.nightly_hour, ${usualHour}::int) as hour,
      a.created_at as "createdAt",
      (select max(r.local_date) from housekeeping_run r where r.account_id = a.id and r.caused_by = 'schedule') as "lastDate"
    from account a left join bridge b on b.account_id = a.id order by a.id`.execute(tx);
  return rows;
}

/** @returns false when this night has its run, or another one is open: that does the same */
export async function insertRun(tx: Tx, account: AccountId, run: HousekeepingRun): Promise<boolean> {
  const result = await sql`insert into housekeeping_run (account_id, id, local_date, caused_by, asked_at)
    values (${account}, ${run.id}, ${run.localDate}, ${run.causedBy}, ${run.askedAt}) on conflict do nothing`.execute(
    tx,
  );
  return result.numAffectedRows === 1n;
}

export async function selectOpenRun(tx: Tx, account: AccountId): Promise<HousekeepingRun | undefined> {
  const { rows } = await sql<HousekeepingRun>`select ${columns} from housekeeping_run
    where account_id = ${account} and finished_at is null`.execute(tx);
  return rows[0];
}

/** Runs that nobody is on: new ones, and those whose process died. */
export async function selectRunsWithoutProcess(
  tx: Tx,
): Promise<readonly { readonly accountId: AccountId; readonly id: HousekeepingRunId }[]> {
  const { rows } = await sql<{ accountId: AccountId; id: HousekeepingRunId }>`
    select account_id as "accountId", id from housekeeping_run
    where finished_at is null and (run_by is null or not is_alive(run_by::text)) order by asked_at`.execute(tx);
  return rows;
}

/** @returns false when another process took it first */
export async function claimRun(
  tx: Tx,
  account: AccountId,
  id: HousekeepingRunId,
  processId: string,
  now: Temporal.Instant,
): Promise<boolean> {
  const result = await sql`update housekeeping_run set run_by = ${processId}, started_at = coalesce(started_at, ${now})
    where account_id = ${account} and id = ${id} and finished_at is null
      and (run_by is null or run_by = ${processId} or not is_alive(run_by::text))`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Counts a batch, in its own transaction. @returns false when another process has the run: the batch must not commit */
export async function addToRun(
  tx: Tx,
  account: AccountId,
  id: HousekeepingRunId,
  processId: string,
  { removed }: Batch,
  milliseconds: number,
): Promise<boolean> {
  const result = await sql`update housekeeping_run r set worked_ms = worked_ms + ${Math.round(milliseconds)}::bigint,
      removed = r.removed || (
        select coalesce(jsonb_object_agg(k.key, coalesce((r.removed ->> k.key)::bigint, 0) + k.value::bigint), '{}')
        from jsonb_each_text(${JSON.stringify(removed)}::jsonb) k where k.value <> '0')
    where account_id = ${account} and id = ${id} and run_by = ${processId} and finished_at is null`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function updateRunFailed(tx: Tx, account: AccountId, id: HousekeepingRunId, step: string, reason: string) {
  await sql`update housekeeping_run set errors = errors || jsonb_build_object(${step}::text, ${reason}::text)
    where account_id = ${account} and id = ${id}`.execute(tx);
}

const yearsOfRuns = 2;

/** Ends a run; those of more than two years ago go with it. */
export async function endRun(tx: Tx, account: AccountId, id: HousekeepingRunId, now: Temporal.Instant): Promise<void> {
  await sql`update housekeeping_run set finished_at = ${now}, run_by = null
    where account_id = ${account} and id = ${id} and finished_at is null`.execute(tx);
  await sql`delete from housekeeping_run where account_id = ${account}
    and asked_at < ${now}::timestamptz - make_interval(years => ${yearsOfRuns}::int)`.execute(tx);
}

export interface RunPage {
  readonly limit: number;
  readonly after?: { readonly askedAt: string; readonly id: string } | undefined;
}

/** The latest first, by `housekeeping_run_latest`. */
export async function selectRuns(
  tx: Tx,
  account: AccountId,
  { limit, after }: RunPage,
): Promise<readonly HousekeepingRun[]> {
  const { rows } = await sql<HousekeepingRun>`select ${columns} from housekeeping_run where account_id = ${account}
      ${after ? sql`and (asked_at, id) < (${after.askedAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by asked_at desc, id desc limit ${limit}`.execute(tx);
  return rows;
}

export async function selectMark(tx: Tx, account: AccountId, step: string): Promise<SyncMark | undefined> {
  const { rows } = await sql<SyncMark>`select ended_at as "endedAt", id from housekeeping_mark
    where account_id = ${account} and step = ${step}`.execute(tx);
  return rows[0];
}

export async function upsertMark(tx: Tx, account: AccountId, step: string, { endedAt, id }: SyncMark): Promise<void> {
  await sql`insert into housekeeping_mark (account_id, step, ended_at, id) values (${account}, ${step}, ${endedAt}, ${id})
    on conflict (account_id, step) do update set ended_at = excluded.ended_at, id = excluded.id`.execute(tx);
}
