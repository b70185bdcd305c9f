import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "./bridge.ts";

/**
 * Sessions with the AMS at once, whoever has them: syncs that a living process works on, writebacks, a test of the
 * connection. Count under the bridge's row before you open one. (product 1.4)
 * @param own the process that asks, which lives, and its syncs that the AMS has told everything
 */
export async function countSessions(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  own: { readonly processId: string; readonly applied: readonly string[] } = { processId: "", applied: [] },
): Promise<number> {
  const { rows } = await sql<{ sessions: number }>`
    select count_sessions(${account}, ${bridge}, ${own.processId}, ${own.applied}::uuid[]) as sessions`.execute(tx);
  return rows[0]?.sessions ?? 0;
}

/** Sessions that are open for something other than a sync, and whether syncs wait for one. */
export async function selectShares(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
): Promise<{ readonly others: number; readonly syncsWait: boolean }> {
  const { rows } = await sql<{ others: number; syncsWait: boolean }>`
    select count(*) as others, syncs_wait(${account}, ${bridge}) as "syncsWait" from bridge_session
    where account_id = ${account} and bridge_id = ${bridge} and lost_at is null`.execute(tx);
  return rows[0] ?? { others: 0, syncsWait: false };
}

/** A session of a process that lives. Its row goes when the session does. */
export interface OpenSession {
  readonly id: string;
  readonly bridgeId: BridgeId;
  readonly processId: string;
}

export async function insertSession(
  tx: Tx,
  account: AccountId,
  session: OpenSession,
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into bridge_session (account_id, bridge_id, id, run_by, opened_at)
    values (${account}, ${session.bridgeId}, ${session.id}, ${session.processId}, ${now})`.execute(tx);
}

export async function deleteSession(tx: Tx, account: AccountId, id: string): Promise<void> {
  await sql`delete from bridge_session where account_id = ${account} and id = ${id}`.execute(tx);
}

/**
 * Notes which sessions have lost their process, over all accounts: those of dead ones, and those that bear this process's
 * name though it knows nothing of them.
 * @param own sessions that this process has
 */
export async function markLostSessions(
  tx: Tx,
  processId: string,
  own: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`update bridge_session set lost_at = ${now} where lost_at is null and id <> all(${own}::uuid[])
    and (run_by::text = ${processId} or not is_alive(run_by::text))`.execute(tx);
}

/** Sessions that were lost before an instant: what they sent last has ended in the AMS by now. */
export async function selectLostSessions(
  tx: Tx,
  before: Temporal.Instant,
): Promise<readonly { readonly accountId: AccountId; readonly bridgeId: BridgeId; readonly id: string }[]> {
  const { rows } = await sql<{ accountId: AccountId; bridgeId: BridgeId; id: string }>`
    select account_id as "accountId", bridge_id as "bridgeId", id from bridge_session where lost_at <= ${before}`.execute(
    tx,
  );
  return rows;
}
