import { sql } from "kysely";
import type { OptOutCategory as Listed } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "./bridge.ts";
import type { ListChanges } from "./field-store.ts";
import type { CategoryId, OptOutCategory } from "./opt-out-category.ts";

const columns = sql`c.id, c.name, c.missing_since as "missingSince"`;

/** All of them by name; a thousand at most, as the connector reads no more. */
export async function selectCategories(tx: Tx, account: AccountId): Promise<readonly OptOutCategory[]> {
  const { rows } = await sql<OptOutCategory>`select ${columns} from opt_out_category c
    where c.account_id = ${account} order by lower(c.name), c.id`.execute(tx);
  return rows;
}

export async function selectCategory(tx: Tx, account: AccountId, id: CategoryId): Promise<OptOutCategory | undefined> {
  const { rows } = await sql<OptOutCategory>`select ${columns} from opt_out_category c
    where c.account_id = ${account} and c.id = ${id}`.execute(tx);
  return rows[0];
}

/** Adds, renames and marks categories, as groups and fields: a vanished one is marked, a returned one revived. (product 1.1) */
export async function mergeCategories(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  categories: readonly Listed[],
  now: Temporal.Instant,
): Promise<ListChanges> {
  const list = JSON.stringify(categories.map(({ key, name }) => ({ key, name, id: newId() })));
  const listed = sql`jsonb_to_recordset(${list}::jsonb) as x(key text, name text, id uuid)`;
  const own = sql`c.account_id = ${account} and c.bridge_id = ${bridge}`;
  const revived = await sql<{ name: string }>`update opt_out_category c set missing_since = null
    where ${own} and c.missing_since is not null and c.key in (select x.key from ${listed}) returning c.name`.execute(
    tx,
  );
  const renamed = await sql<{ name: string }>`update opt_out_category c set name = x.name from ${listed}
    where ${own} and c.key = x.key and c.name <> x.name returning c.name`.execute(tx);
  const missing = await sql<{ name: string }>`update opt_out_category c set missing_since = ${now}
    where ${own} and c.missing_since is null and c.key not in (select x.key from ${listed}) returning c.name`.execute(
    tx,
  );
  const added = await sql<{ name: string }>`
    insert into opt_out_category (account_id, id, bridge_id, key, name, created_at)
    select ${account}::uuid, x.id, ${bridge}::uuid, x.key, x.name, ${now}::timestamptz from ${listed}
    on conflict (account_id, bridge_id, key) do nothing returning name`.execute(tx);
  const names = (result: { rows: { name: string }[] }) => result.rows.map((row) => row.name);
  return { added: names(added), renamed: names(renamed), missing: names(missing), revived: names(revived) };
}
