import { sql } from "kysely";
import type { MessagingJobQuery } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { ListChanges } from "../bridges/field-store.ts";
import type { FolderId } from "./target-group.ts";

/** The bridge's folder, made at its first list sync. People may rename it; it stays the bridge's. */
export async function ensureBridgeFolder(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  name: string,
  now: Temporal.Instant,
): Promise<FolderId> {
  await sql`insert into folder (account_id, id, bridge_id, name, created_at)
    values (${account}, ${newId()}, ${bridge}, ${name}, ${now})
    on conflict (account_id, bridge_id) where bridge_id is not null do update set deleted_at = null
      where folder.deleted_at is not null`.execute(tx);
  const { rows } = await sql<{ id: FolderId }>`
    select id from folder where account_id = ${account} and bridge_id = ${bridge}`.execute(tx);
  return (rows[0] as { id: FolderId }).id;
}

/**
 * Brings the groups in step with the AMS's list of queries: adds, renames wherever they were moved, marks vanished
 * ones, revives returned ones, deletes none and changes no count. (product 1.1)
 */
export async function mergeGroups(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  folder: FolderId,
  queries: readonly MessagingJobQuery[],
  now: Temporal.Instant,
): Promise<ListChanges> {
  const list = JSON.stringify(queries);
  const listed = sql`jsonb_to_recordset(${list}::jsonb) as x(key text, name text)`;
  const own = sql`g.account_id = ${account} and g.bridge_id = ${bridge}`;
  const revived = await sql<{ name: string }>`update target_group g set missing_since = null
    where ${own} and g.missing_since is not null and g.query_key in (select x.key from ${listed}) returning g.name`.execute(
    tx,
  );
  const renamed = await sql<{ name: string }>`update target_group g set name = x.name from ${listed}
    where ${own} and g.query_key = x.key and g.name <> x.name returning g.name`.execute(tx);
  const missing = await sql<{ name: string }>`update target_group g set missing_since = ${now}
    where ${own} and g.missing_since is null and g.query_key not in (select x.key from ${listed}) returning g.name`.execute(
    tx,
  );
  const ids = JSON.stringify(queries.map((query) => ({ key: query.key, id: newId() })));
  const added = await sql<{ name: string }>`
    insert into target_group (account_id, id, folder_id, kind, bridge_id, query_key, name, created_at)
    select ${account}::uuid, i.id, ${folder}::uuid, 'bridge', ${bridge}::uuid, x.key, x.name, ${now}::timestamptz
    from ${listed} join jsonb_to_recordset(${ids}::jsonb) as i(key text, id uuid) on i.key = x.key
    on conflict (account_id, bridge_id, query_key) where kind = 'bridge' do nothing returning name`.execute(tx);
  const names = (result: { rows: { name: string }[] }) => result.rows.map((row) => row.name);
  return { added: names(added), renamed: names(renamed), missing: names(missing), revived: names(revived) };
}
