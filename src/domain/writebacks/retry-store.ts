import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";

/**
 * Lets failed ones wait again, due at once, with their tries before them. One of a person who has a later decision is
 * left: that one took its place.
 * @param ids null takes all
 */
export async function reviveFailed(
  tx: Tx,
  account: AccountId,
  ids: readonly number[] | null,
  now: Temporal.Instant,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    update writeback w set state = 'ready', due_at = ${now}, tries = 0, unanswered = 0, ended_at = null
    where account_id = ${account} and state = 'failed' ${ids ? sql`and id = any(${ids}::bigint[])` : sql``}
      and not exists (select from writeback later where later.account_id = ${account} and later.remote_id = w.remote_id
        and later.id > w.id and later.state in ('ready', 'processing', 'sent', 'failed'))
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Makes all that wait due at once. @returns how many */
export async function makeDue(tx: Tx, account: AccountId, bridge: BridgeId, now: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ ready: number }>`
    with moved as (update writeback set due_at = ${now}
      where account_id = ${account} and bridge_id = ${bridge} and state = 'ready' and due_at > ${now})
    select count(*) as ready from writeback where account_id = ${account} and bridge_id = ${bridge} and state = 'ready'`.execute(
    tx,
  );
  return rows[0]?.ready ?? 0;
}
