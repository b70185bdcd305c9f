import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Staged } from "./staging-store.ts";
import type { SyncId } from "./sync.ts";

/**
 * Keeps the values of fields that aren't kept until the mailings that wait for the sync have taken them. (product 2.5)
 * After the people are written: everybody who was read has a row by now. `subscriber_identity` finds it.
 */
export async function insertSyncValues(tx: Tx, account: AccountId, sync: SyncId, staged: Staged): Promise<void> {
  await sql`insert into sync_value (account_id, sync_id, subscriber_id, "values")
    select ${account}::uuid, ${sync}::uuid, s.id, st.extra::jsonb
    from ${staged} st
    join subscriber s on s.account_id = ${account} and s.email_key = st.email_key and s.remote_id = st.remote_id
    where st.reason is null and st.extra <> '{}'`.execute(tx);
}

/** Erases what was read for these syncs. */
export async function deleteSyncValues(tx: Tx, account: AccountId, syncs: readonly SyncId[]): Promise<void> {
  await sql`delete from sync_value where account_id = ${account} and sync_id = any(${syncs}::uuid[])`.execute(tx);
}

/** Syncs of all accounts whose values are still there. A sync has a million rows of them, or none: one look each. */
export async function selectSyncsWithValues(
  tx: Tx,
): Promise<readonly { readonly accountId: AccountId; readonly syncId: SyncId }[]> {
  const { rows } = await sql<{ accountId: AccountId; syncId: SyncId }>`
    select s.account_id as "accountId", s.id as "syncId" from sync s
    where s.extra_fields <> '{}' and s.finished_at is not null
      and exists (select from sync_value v where v.account_id = s.account_id and v.sync_id = s.id)`.execute(tx);
  return rows;
}
