import { sql } from "kysely";
import type { FieldName } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Cause, SyncId, Trigger } from "./sync.ts";

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

/** Who asked for a sync, the first 200 of them, and how many asked in all. */
export async function selectSyncRequests(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
): Promise<{ readonly requests: readonly SyncRequest[]; readonly requestsInAll: number }> {
  const { rows } = await sql<SyncRequest & { inAll: number }>`
    select at, trigger, requested_by as "requestedBy", joined, count(*) over () as "inAll"
    from sync_request where account_id = ${account} and sync_id = ${sync} order by at, id limit 200`.execute(tx);
  return { requests: rows, requestsInAll: rows[0]?.inAll ?? 0 };
}

/** A sync that waits reads these fields too, kept or not: its read asks for what all who wait for it want. (2.5) */
export async function addExtraFields(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
  fields: readonly FieldName[],
): Promise<void> {
  await sql`update sync set extra_fields = array(select unnest(extra_fields || ${fields}::text[]) as name group by 1 order by 1)
    where account_id = ${account} and id = ${sync} and state = 'queued'`.execute(tx);
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
