import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { type Difference, difference } from "../syncs/difference-store.ts";
import type { Staged } from "../syncs/staging-store.ts";
import { runningStates } from "../syncs/store.ts";
import type { SyncId } from "../syncs/sync.ts";
import type { GroupId } from "../target-groups/target-group.ts";

/**
 * Takes an import that waits, or whose process died in the middle of it. The file is here: it is read again from its
 * beginning.
 */
export async function takeImport(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
  processId: string,
  now: Temporal.Instant,
): Promise<boolean> {
  const result = await sql`update sync set state = 'reading', run_by = ${processId}, attempt = attempt + 1,
      started_at = coalesce(started_at, ${now}::timestamptz), progress_at = ${now}, rows_read = 0, read_cursor = null,
      stalled = case when run_by is null then 0 else stalled + 1 end
    where account_id = ${account} and id = ${sync} and kind = 'upload'
      and (state = 'queued' or (state in ${runningStates}
        and (run_by is null or run_by::text = ${processId} or not is_alive(run_by::text))))`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** How often in a row the import's process died. */
export async function selectStalls(tx: Tx, account: AccountId, sync: SyncId): Promise<number> {
  const { rows } = await sql<{ stalled: number }>`
    select stalled from sync where account_id = ${account} and id = ${sync}`.execute(tx);
  return rows[0]?.stalled ?? 0;
}

/** Imports that wait, or that nobody is on: for the worker's sweep. */
export async function selectImportsWithWork(
  tx: Tx,
): Promise<readonly { readonly accountId: AccountId; readonly syncId: SyncId }[]> {
  const { rows } = await sql<{ accountId: AccountId; syncId: SyncId }>`
    select account_id as "accountId", id as "syncId" from sync where kind = 'upload'
      and (state = 'queued' or (state in ${runningStates} and (run_by is null or not is_alive(run_by::text))))`.execute(
    tx,
  );
  return rows;
}

interface Import {
  readonly account: AccountId;
  readonly group: GroupId;
  readonly staged: Staged;
  /** Whether who isn't in the file leaves. */
  readonly isReplacing: boolean;
}

/** How a file differs from its group. */
export interface ImportDifference extends Difference {
  /** Members whom the file has too. */
  readonly stayed: number;
}

/**
 * Writes down who comes, goes or changes by a file. An address that is known is that person: who is in the group
 * already, else the first who came with it. What the AMS says of somebody an upload never changes; of people who came
 * by upload it adds the values it has. (product 2.2, 2.3)
 */
export async function compareImport(
  tx: Tx,
  { account, group, staged, isReplacing }: Import,
): Promise<ImportDifference> {
  await sql`create temporary table if not exists difference (sequence int, subscriber_id bigint not null, is_new boolean not null,
    is_changed boolean not null, joins boolean not null, leaves boolean not null,
    flag boolean, flag_is_ours boolean, is_read_again boolean) on commit delete rows`.execute(tx);
  const leaving = isReplacing
    ? sql`union all select null, m.subscriber_id, false, false, false, true from membership m
        where m.account_id = ${account} and m.group_id = ${group} and m.removed_by is null
          and not exists (select from known k where k.subscriber_id = m.subscriber_id)`
    : sql``;
  const { rows } = await sql<ImportDifference>`
    with known as materialized (
      select distinct on (st.sequence) st.sequence, s.id as subscriber_id, m.subscriber_id is not null as is_member,
        s.remote_id is null and (s."values" || st."values"::jsonb) <> s."values" as is_changed
      from ${staged} st
      join subscriber s on s.account_id = ${account} and s.email_key = st.email_key
      left join membership m on m.account_id = ${account} and m.group_id = ${group} and m.subscriber_id = s.id and m.removed_by is null
      where st.reason is null
      order by st.sequence, m.subscriber_id is null, s.id
    ), written as (
      insert into ${difference} (sequence, subscriber_id, is_new, is_changed, joins, leaves)
      select st.sequence, coalesce(k.subscriber_id, nextval('subscriber_id_seq')), k.sequence is null,
        coalesce(k.is_changed, false), not coalesce(k.is_member, false), false
      from ${staged} st left join known k on k.sequence = st.sequence
      where st.reason is null and (k.sequence is null or k.is_changed or not k.is_member)
      ${leaving}
      returning joins, leaves, is_changed, is_new)
    select count(*) filter (where joins) as added, count(*) filter (where leaves) as removed,
      count(*) filter (where is_changed) as updated, count(*) filter (where is_new) as created,
      (select count(*) from known where is_member) as stayed from written`.execute(tx);
  return rows[0] as ImportDifference;
}

/** People whom nobody knew: they have no remote ID until the AMS brings their address. (product 2.2) */
export async function insertUploaded(tx: Tx, { account, staged }: Import, now: Temporal.Instant): Promise<void> {
  await sql`insert into subscriber (account_id, id, remote_id, email, email_key, "values", created_at, updated_at)
    select ${account}::uuid, d.subscriber_id, null, st.email, st.email_key, st."values"::jsonb, ${now}::timestamptz, ${now}::timestamptz
    from ${difference} d join ${staged} st on st.sequence = d.sequence where d.is_new`.execute(tx);
}

export async function updateUploaded(tx: Tx, { account, staged }: Import, now: Temporal.Instant): Promise<void> {
  await sql`update subscriber s set "values" = s."values" || st."values"::jsonb, updated_at = ${now}
    from ${difference} d join ${staged} st on st.sequence = d.sequence
    where d.is_changed and s.account_id = ${account} and s.id = d.subscriber_id and s.remote_id is null`.execute(tx);
}
