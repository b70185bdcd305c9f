import { type RawBuilder, sql } from "kysely";
import type { Database, Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { SyncLostError } from "./run-store.ts";
import { notifySync } from "./story-store.ts";
import type { SyncId } from "./sync.ts";

/** Where the rows of a read stand: the table of its own sync, or the connection's table for short ones. */
export type Staged = RawBuilder<unknown>;

/**
 * The tables of one sync's read: unlogged, filled by COPY, dropped at its end. One table for each sync, so that a
 * million staged rows of one group cost the others nothing and go away in no time.
 */
export function stagingTable(sync: SyncId): Staged {
  return sql.table(nameOf(sync));
}

/**
 * A read that fits in one batch is staged in the transaction that applies it: a table, a cursor and two commits less
 * for each of a night's two thousand groups. Its table is the connection's, and each commit empties it.
 */
const briefly: Staged = sql.table("pg_temp.staged");

export const isBrief = (staged: Staged) => staged === briefly;

const nameOf = (sync: SyncId) => `staging.read_${sync.replaceAll("-", "")}`;

const rowColumns = sql`sequence int not null, remote_id text collate "C" not null, email text not null,
  email_key text collate "C" not null, do_not_email boolean not null, "values" text not null, row_hash uuid, reason text,
  extra text`;

/** The columns of a line that `copyLine` makes. @param hasExtra whether the sync reads fields that aren't kept */
const copiedColumns = (hasExtra: boolean) =>
  `(sequence, remote_id, email, email_key, do_not_email, "values", row_hash, reason${hasExtra ? ", extra" : ""})`;

/** The difference between the read and the group, see `difference-store.ts`. */
export function differenceTable(sync: SyncId): RawBuilder<unknown> {
  return sql.table(`staging.difference_${sync.replaceAll("-", "")}`);
}

export async function createStaging(tx: Tx, sync: SyncId): Promise<void> {
  await sql`create unlogged table if not exists ${stagingTable(sync)} (${rowColumns})
    with (autovacuum_enabled = off)`.execute(tx);
}

/** Stages a short read for this transaction only. */
export async function stageBriefly(db: Database, tx: Tx, lines: readonly Buffer[], hasExtra: boolean): Promise<Staged> {
  await sql`create temporary table if not exists staged (${rowColumns}) on commit delete rows`.execute(tx);
  await db.copyInto(tx, `copy pg_temp.staged ${copiedColumns(hasExtra)} from stdin`, lines);
  return briefly;
}

/** Keeps a short read of a held sync or a dry run, where a long one stands already. */
export async function keepStaged(tx: Tx, sync: SyncId, staged: Staged): Promise<void> {
  if (!isBrief(staged)) return;
  await createStaging(tx, sync);
  await sql`insert into ${stagingTable(sync)} select * from ${briefly}`.execute(tx);
}

/** Drops what the sync staged, if that was for longer than the transaction. */
export async function dropStaged(tx: Tx, sync: SyncId, staged: Staged): Promise<void> {
  if (!isBrief(staged)) await dropStaging(tx, sync);
}

/** A database crash empties unlogged tables: what is staged must be what the sync's row says was read. */
export async function countStaged(tx: Tx, sync: SyncId): Promise<number> {
  const { rows } = await sql<{ staged: number }>`select count(*) as staged from ${stagingTable(sync)}`.execute(tx);
  return rows[0]?.staged ?? 0;
}

/** Starts the read again from nothing. */
export async function resetStaging(tx: Tx, account: AccountId, sync: SyncId): Promise<void> {
  await sql`truncate ${stagingTable(sync)}`.execute(tx);
  await sql`update sync set read_cursor = null, rows_read = 0
    where account_id = ${account} and id = ${sync}`.execute(tx);
}

export async function selectCursor(
  tx: Tx,
  account: AccountId,
  sync: SyncId,
): Promise<{ readonly cursor: string | null; readonly rowsRead: number }> {
  const { rows } = await sql<{ cursor: string | null; rowsRead: number }>`
    select read_cursor as cursor, rows_read as "rowsRead" from sync where account_id = ${account} and id = ${sync}`.execute(
    tx,
  );
  return rows[0] ?? { cursor: null, rowsRead: 0 };
}

/** Drops what the sync staged. Harmless when there is nothing. */
export async function dropStaging(tx: Tx, sync: SyncId): Promise<void> {
  await sql`drop table if exists ${stagingTable(sync)}, ${differenceTable(sync)}`.execute(tx);
}

/**
 * Copies rows into staging and moves the read's cursor behind them, in one transaction: after a kill the read goes on
 * exactly there, and no row is counted twice.
 * @throws SyncLostError when another process took the sync over
 */
export async function stageRows(
  db: Database,
  account: AccountId,
  sync: { readonly id: SyncId; readonly attempt: number; readonly extraFields: readonly string[] },
  lines: readonly Buffer[],
  position: { readonly cursor: string; readonly rowsRead: number },
  now: Temporal.Instant,
): Promise<void> {
  await db.transaction(account, async (tx) => {
    await db.copyInto(tx, `copy ${nameOf(sync.id)} ${copiedColumns(sync.extraFields.length > 0)} from stdin`, lines);
    const moved =
      await sql`update sync set read_cursor = ${position.cursor}, rows_read = ${position.rowsRead}, progress_at = ${now}
      where account_id = ${account} and id = ${sync.id} and attempt = ${sync.attempt} and state = 'reading'`.execute(
        tx,
      );
    if (moved.numAffectedRows !== 1n) throw new SyncLostError(`sync ${sync.id} is no longer read by this process`);
    await notifySync(tx, account, sync.id);
  });
}

/** Syncs whose tables nobody will look at again: ended ones, and dry runs after a day. */
export async function selectLeftStaging(
  tx: Tx,
  now: Temporal.Instant,
): Promise<readonly { readonly accountId: AccountId; readonly id: SyncId }[]> {
  const { rows } = await sql<{ accountId: AccountId; id: SyncId }>`
    select distinct s.account_id as "accountId", s.id
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'staging'
    join sync s on s.id = substring(c.relname from '[0-9a-f]{32}$')::uuid
    where c.relkind = 'r' and s.finished_at is not null
      and (not s.is_dry_run or s.state <> 'succeeded' or s.finished_at < ${now}::timestamptz - interval '1 day')`.execute(
    tx,
  );
  return rows;
}
