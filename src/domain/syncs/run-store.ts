import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { endedStates, runningStates } from "./store.ts";
import { notifySync } from "./story-store.ts";
import type { Sync, SyncFailure, SyncId } from "./sync.ts";

/** A sync as one run holds it: another process that takes it over counts a further attempt. */
interface Run {
  readonly id: SyncId;
  readonly attempt: number;
}

/** A held read is applied by who decides about it. */
const orHeld = sql`('reading', 'comparing', 'applying', 'held')`;

/** What stands in the way of a run's own write: it was taken over, or ended by somebody else. */
export class SyncLostError extends Error {
  override readonly name = "SyncLostError";
}

/**
 * Writes what a run alone may write.
 * @param states in which it may
 * @throws SyncLostError when the sync is no longer this attempt's, or was ended by somebody
 */
async function updateRun(
  tx: Tx,
  account: AccountId,
  sync: Run,
  set: RawBuilder<unknown>,
  states: RawBuilder<unknown> = runningStates,
): Promise<void> {
  const result = await sql`update sync set ${set}
    where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt} and state in ${states}`.execute(tx);
  if (result.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer run by this process`);
}

/**
 * Moves a running sync on, if it is still this attempt's.
 * @throws SyncLostError when another process took it over meanwhile
 */
export async function updateSyncState(
  tx: Tx,
  account: AccountId,
  sync: Run,
  state: "reading" | "comparing" | "applying",
  now: Temporal.Instant,
): Promise<void> {
  await updateRun(tx, account, sync, sql`state = ${state}, progress_at = ${now}`);
}

/** Lets go of a running sync, to be gone on with by whoever is free. */
export async function releaseSync(tx: Tx, account: AccountId, sync: Run): Promise<void> {
  await sql`update sync set run_by = null where account_id = ${account} and id = ${sync.id}
    and attempt = ${sync.attempt} and state in ${runningStates}`.execute(tx);
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
  sync: Run,
  failure: SyncFailure,
  now: Temporal.Instant,
): Promise<void> {
  await updateRun(
    tx,
    account,
    sync,
    sql`state = 'failed', finished_at = ${now}, run_by = null,
      error_kind = ${failure.kind}, error_message = ${failure.message}, error_detail = ${failure.detail ?? null}`,
    sql`('queued', 'reading', 'comparing', 'applying')`,
  );
}

/** Ends a sync as cancelled, whatever open state it is in. */
export async function endSyncCancelled(tx: Tx, account: AccountId, sync: SyncId, now: Temporal.Instant): Promise<void> {
  await sql`update sync set state = 'cancelled', finished_at = ${now}, run_by = null
    where account_id = ${account} and id = ${sync} and state not in ${endedStates}`.execute(tx);
}

export async function updateCancelRequested(tx: Tx, account: AccountId, sync: SyncId, by: string): Promise<void> {
  await sql`update sync set cancel_requested_by = ${by}
    where account_id = ${account} and id = ${sync} and cancel_requested_by is null`.execute(tx);
}

/** Whether the run should go on: still this attempt's, and nobody cancelled it. */
export async function selectRunStanding(
  tx: Tx,
  account: AccountId,
  sync: Run,
): Promise<"running" | "cancelled" | "lost"> {
  const { rows } = await sql<{ isOurs: boolean; isCancelled: boolean }>`
    select attempt = ${sync.attempt} and state in ${runningStates} as "isOurs",
      cancel_requested_by is not null as "isCancelled"
    from sync where account_id = ${account} and id = ${sync.id}`.execute(tx);
  if (!rows[0]?.isOurs) return "lost";
  return rows[0].isCancelled ? "cancelled" : "running";
}

export async function endListSync(
  tx: Tx,
  account: AccountId,
  sync: Run,
  changes: NonNullable<Sync["listChanges"]>,
  now: Temporal.Instant,
): Promise<void> {
  await updateRun(
    tx,
    account,
    sync,
    sql`state = 'succeeded', finished_at = ${now}, run_by = null,
      list_changes = ${JSON.stringify(changes)}::jsonb`,
    sql`('applying')`,
  );
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
export async function updateSyncFindings(tx: Tx, account: AccountId, sync: Run, found: SyncFindings): Promise<void> {
  await updateRun(
    tx,
    account,
    sync,
    sql`unusable = ${found.unusable}, without_address = ${found.withoutAddress},
      malformed_address = ${found.malformedAddress}, duplicate = ${found.duplicate},
      distinct_valid = ${found.distinctValid}, members_before = ${found.membersBefore}, added = ${found.added},
      removed = ${found.removed}, updated = ${found.updated}, rows_read = ${found.total}`,
    orHeld,
  );
}

/** @throws SyncLostError when the sync is no longer this attempt's */
export async function endSubscriberSync(
  tx: Tx,
  account: AccountId,
  sync: Run,
  end: { readonly sendable: number; readonly decidedBy: string | null },
  now: Temporal.Instant,
): Promise<void> {
  await updateRun(
    tx,
    account,
    sync,
    sql`state = 'succeeded', finished_at = ${now}, run_by = null,
      sendable = ${end.sendable}, decided_by = ${end.decidedBy}`,
    orHeld,
  );
}

/** @throws SyncLostError when the sync is no longer this attempt's */
export async function holdSync(
  tx: Tx,
  account: AccountId,
  sync: Run,
  reason: string,
  now: Temporal.Instant,
): Promise<void> {
  await updateRun(tx, account, sync, sql`state = 'held', held_reason = ${reason}, run_by = null, progress_at = ${now}`);
}
