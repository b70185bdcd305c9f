import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { SyncId, SyncState } from "./sync.ts";

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

/** The sync's story in its order: the last 500 lines, and how many there are in all. */
export async function selectSyncEvents(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
): Promise<{ readonly events: readonly SyncEvent[]; readonly eventsInAll: number }> {
  const { rows } = await sql<SyncEvent & { inAll: number }>`
    select at, state, message, detail, count(*) over () as "inAll" from sync_event
    where account_id = ${account} and sync_id = ${sync} order by id desc limit 500`.execute(tx);
  return { events: rows.toReversed(), eventsInAll: rows[0]?.inAll ?? 0 };
}

/** The channel on which every change of a sync is told; the payload is `account sync`. */
export const syncChannel = "lockstep_sync";

/** The channel of other changes, told by triggers: `account groups`, `account bridge`, `session session` for its end. */
export const changeChannel = "lockstep_change";

export async function notifySync(tx: Tx, account: AccountId, sync: SyncId): Promise<void> {
  await sql`select pg_notify(${syncChannel}, ${`${account} ${sync}`})`.execute(tx);
}
