import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import type { PersonEntries } from "../subscribers/erase-entries.ts";
import { setErasedAside } from "./set-erased-aside.ts";
import { stagingTable } from "./staging-store.ts";
import type { SyncId } from "./sync.ts";

/**
 * Takes a person out of what syncs keep beside their people: rows set aside, values read for one mailing, rows of reads
 * that are held, under way or shown as a dry run, and what a failure showed of the wire. How many rows there were stays.
 * After the person's hashes are written: staged rows are found by them. (product 2.6)
 */
export async function eraseSyncRows(tx: Tx, ctx: AccountContext, { remoteId, entries }: PersonEntries): Promise<void> {
  const { accountId } = ctx;
  const addresses = [...new Set(entries.flatMap(({ email, emailKey }) => [email.toLowerCase(), emailKey]))];
  // Also where the address stands in a text that is none: "ann@example.org; bob@example.org".
  const names = sql`exists (select from unnest(${addresses}::text[]) a where strpos(lower(r.email), a) > 0)`;
  // A new fingerprint, since the old one is a digest of what goes: the group's next read closes the row as gone.
  await sql`update rejected_row r set email = '', remote_id = '', fingerprint = gen_random_uuid()
    where r.account_id = ${accountId} and (${names} or (${remoteId}::text is not null and r.remote_id = ${remoteId}))`.execute(
    tx,
  );
  const ids = entries.map(({ id }) => id);
  await sql`delete from sync_value where account_id = ${accountId} and subscriber_id = any(${ids}::bigint[])`.execute(
    tx,
  );
  await sql`update sync set error_detail = null where account_id = ${accountId} and error_detail is not null
    and state in ('failed', 'held', 'cancelled')
    and exists (select from unnest(${[...addresses, ...(remoteId === null ? [] : [remoteId])]}::text[]) a
      where strpos(lower(error_detail), lower(a)) > 0)`.execute(tx);
  for (const { id, kind } of await selectStagedSyncs(tx, accountId))
    await setErasedAside(tx, ctx, stagingTable(id), { byKey: kind === "subscriber" });
}

/** Syncs of the account whose staged rows stand in a table of their own. */
async function selectStagedSyncs(
  tx: Tx,
  account: string,
): Promise<readonly { readonly id: SyncId; readonly kind: string }[]> {
  const { rows } = await sql<{ id: SyncId; kind: string }>`
    select s.id, s.kind from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'staging'
    join sync s on s.account_id = ${account} and s.id = substring(c.relname from '^read_([0-9a-f]{32})$')::uuid
    where c.relkind = 'r'`.execute(tx);
  return rows;
}
