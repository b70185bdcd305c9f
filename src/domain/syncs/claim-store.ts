import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { runningStates } from "./store.ts";
import type { SyncId } from "./sync.ts";

/** Who tests the bridge's connection holds this name while it lives; `count_sessions` in the database knows it. */
export function testerOf(bridge: BridgeId): string {
  return `test ${bridge}`;
}

export async function isBeingTested(tx: Tx, bridge: BridgeId): Promise<boolean> {
  const { rows } = await sql<{ isAlive: boolean }>`select is_alive(${testerOf(bridge)}) as "isAlive"`.execute(tx);
  return rows[0]?.isAlive ?? false;
}

/**
 * Takes the sync that should run next: first one whose process died in the middle of it, then the most urgent that
 * waits and whose group nobody reads. The caller holds the bridge's row, so two takers can't take the same.
 * (product 1.4)
 * @param own syncs that this process runs now: with its name on another one, that run ended without a word
 * @returns the sync, and how often in a row its process died without staging a row
 */
export async function takeNextSync(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  processId: string,
  own: readonly SyncId[],
  now: Temporal.Instant,
): Promise<{ readonly id: SyncId; readonly stalled: number } | undefined> {
  // The busy groups are few and named once: a look for each waiting sync would make a night of many groups quadratic.
  const { rows } = await sql<{ id: SyncId; stalled: number }>`
    with busy as materialized (
      select coalesce(group_id, bridge_id) as target, state = 'held' as is_held from sync
      where account_id = ${account} and bridge_id = ${bridge} and state in ('reading', 'comparing', 'applying', 'held')
    ), interrupted as (
      select id from sync
      where account_id = ${account} and bridge_id = ${bridge} and state in ${runningStates}
        and case when run_by = ${processId} then id <> all(${own}::uuid[]) else run_by is null or not is_alive(run_by::text) end
      order by priority, requested_at, id limit 1
    ), waiting as (
      select id from sync s
      where account_id = ${account} and bridge_id = ${bridge} and state = 'queued'
        and not exists (select from busy where target = coalesce(s.group_id, s.bridge_id) and not (is_held and s.is_dry_run))
      order by priority, requested_at, id limit 1
    )
    update sync set state = 'reading', run_by = ${processId}, attempt = attempt + 1,
      started_at = coalesce(started_at, ${now}::timestamptz), progress_at = ${now},
      stalled = case when run_by is not null and rows_read = rows_at_start then stalled + 1 else 0 end,
      rows_at_start = rows_read,
      fields = case when kind = 'subscriber' then coalesce(fields, array(select f.name from personalization_field f
        where f.account_id = ${account} and f.bridge_id = ${bridge} and f.is_kept and f.missing_since is null order by f.name)) end,
      extra_fields = case when extra_fields = '{}' or fields is not null then extra_fields else array(select f.name from personalization_field f
        where f.account_id = ${account} and f.bridge_id = ${bridge} and f.name = any(extra_fields) and not f.is_kept
          and f.is_valid and f.missing_since is null order by f.name) end
    where account_id = ${account} and id = coalesce((select id from interrupted), (select id from waiting))
      and state in ('queued', 'reading', 'comparing', 'applying')
    returning id, stalled`.execute(tx);
  return rows[0];
}

/** Waiting syncs of a bridge that may not be called: they end with the reason instead of waiting for ever. */
export async function failWaitingSyncs(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  reason: { readonly kind: string; readonly message: string },
  now: Temporal.Instant,
): Promise<readonly SyncId[]> {
  const { rows } = await sql<{ id: SyncId }>`
    update sync set state = 'failed', finished_at = ${now}, run_by = null, error_kind = ${reason.kind}, error_message = ${reason.message}
    where account_id = ${account} and bridge_id = ${bridge}
      and (state = 'queued' or (state in ${runningStates} and (run_by is null or not is_alive(run_by::text))))
    returning id`.execute(tx);
  return rows.map((row) => row.id);
}

/** Syncs that wait behind a held one of the same group end with the reason. Dry runs don't wait for it. (product 1.5) */
export async function failSyncsBehindHeld(
  tx: Tx,
  account: AccountId,
  group: GroupId,
  reason: { readonly kind: string; readonly message: string },
  now: Temporal.Instant,
): Promise<readonly SyncId[]> {
  const { rows } = await sql<{ id: SyncId }>`
    update sync set state = 'failed', finished_at = ${now}, error_kind = ${reason.kind}, error_message = ${reason.message}
    where account_id = ${account} and group_id = ${group} and state = 'queued' and not is_dry_run returning id`.execute(
    tx,
  );
  return rows.map((row) => row.id);
}

/** What a process is said to run, by our rows. */
export async function selectSyncsRunBy(
  tx: Tx,
  processId: string,
): Promise<readonly { readonly accountId: AccountId; readonly id: SyncId; readonly attempt: number }[]> {
  const { rows } = await sql<{ accountId: AccountId; id: SyncId; attempt: number }>`
    select account_id as "accountId", id, attempt from sync
    where run_by = ${processId} and bridge_id is not null and state in ${runningStates}`.execute(tx);
  return rows;
}

/** Bridges that have something to do and may have nobody on it: for the worker's own sweep. */
export async function selectBridgesWithWork(
  tx: Tx,
): Promise<readonly { readonly accountId: AccountId; readonly bridgeId: BridgeId; readonly priority: number }[]> {
  const { rows } = await sql<{ accountId: AccountId; bridgeId: BridgeId; priority: number }>`
    select account_id as "accountId", bridge_id as "bridgeId", min(priority) as priority from sync
    where bridge_id is not null and (state = 'queued' or (state in ${runningStates}
      and (run_by is null or not is_alive(run_by::text))))
    group by account_id, bridge_id order by bridge_id`.execute(tx);
  return rows;
}
