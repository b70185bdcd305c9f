import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { crashPoint } from "../../crash-point.ts";
import { SetupError } from "../../errors.ts";
import { migrate, readMigrations } from "../migrate.ts";
import { BackupFileError, type Contents, type Origin, RowSum, steadyText, type TableSum } from "./format.ts";
import { checkBackup, type Piece, readBackup } from "./read-backup.ts";
import { type BackupTable, selectForeignKeys, selectMigrations, selectPlainIndexes, selectTables } from "./schema.ts";
import { rowsOf } from "./write-backup.ts";

export type RestoreStep = "check" | "schema" | "load" | "indexes" | "keys" | "compare";

export interface RestoreOptions {
  readonly migrationsDirectory: string;
  readonly onStep?: (step: RestoreStep) => void;
  /** Rows so far, of the step under way. */
  readonly onRows?: (rows: number) => void;
  /** In the transaction that loads, after everything is there. */
  readonly afterLoad: (client: pg.Client, origin: Origin) => Promise<void>;
}

export interface Restored {
  readonly origin: Origin;
  readonly contents: Contents;
}

/**
 * Loads a backup into an empty database, whose schema is brought to where the backup's was; bringing it further up is
 * the caller's. The file is read to its end before anything is touched; then one transaction loads everything, compares
 * every table with what the backup says of it, and commits, or leaves the database empty.
 * @throws BackupFileError when the file isn't whole
 * @throws SetupError when the database isn't empty, or the backup is a newer program's
 */
export async function restoreBackup(config: pg.PoolConfig, file: string, options: RestoreOptions): Promise<Restored> {
  const step = options.onStep ?? (() => {});
  const onRows = options.onRows ?? (() => {});
  step("check");
  const checked = await checkBackup(file, onRows);
  const client = new pg.Client({ ...(config as pg.ClientConfig), application_name: "lockstep-restore" });
  client.on("error", () => {});
  await client.connect();
  try {
    step("schema");
    await makeSchema(client, config, checked.origin, options.migrationsDirectory);
    await client.query(steadyText);
    await client.query("begin");
    try {
      await load(client, file, checked, options, step, onRows);
      crashPoint("restore.before_commit");
      await client.query("commit");
    } catch (error) {
      await client.query("rollback").catch(() => {});
      throw error;
    }
    return checked;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The schema as it was when the backup was made. */
async function makeSchema(client: pg.Client, config: pg.PoolConfig, origin: Origin, directory: string): Promise<void> {
  const known = new Map((await readMigrations(directory)).map(({ name, checksum }) => [name, checksum]));
  const unknown = origin.migrations.filter(({ name, checksum }) => known.get(name) !== checksum);
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => name).join(", ");
    throw new SetupError(
      "newer_backup",
      `The backup was made by Lockstep ${origin.program}, whose schema has ${names}; this program doesn't know that.`,
      "Restore it with the version that made it, or a newer one. Nothing was changed.",
    );
  }
  const isOfBackup = new Set(origin.migrations.map(({ name }) => name));
  const { rows } = await client.query("select to_regclass('lockstep_migration') is not null as made");
  const applied = rows[0].made ? await selectMigrations(client) : [];
  const further = applied.filter(({ name }) => !isOfBackup.has(name));
  if (further.length > 0) {
    throw new SetupError(
      "newer_database",
      `The database has a newer schema (${further.map(({ name }) => name).join(", ")}) than the backup.`,
      "Restore into a new data folder or a new database: restore makes the schema itself, and then brings it up.",
    );
  }
  if (applied.length === 0) await refuseForeignTables(client);
  await migrate(config, directory, (name) => isOfBackup.has(name));
}

async function refuseForeignTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'lockstep_migration' limit 1",
  );
  if (rows.length > 0) throw notEmpty(rows[0].relname);
}

function notEmpty(table: string): SetupError {
  return new SetupError(
    "not_empty",
    `The database is not empty: there is something in ${table}. Nothing was changed.`,
    "Restore into a new data folder (LOCKSTEP_DATA_DIR) or a new database (LOCKSTEP_DATABASE_URL).",
  );
}

async function load(
  client: pg.Client,
  file: string,
  { origin, contents }: Restored,
  options: RestoreOptions,
  step: (step: RestoreStep) => void,
  onRows: (rows: number) => void,
): Promise<void> {
  const tables = await selectTables(client);
  const left = new Set(origin.withoutRowsOf);
  // Whoever starts meanwhile waits, and then sees all of it or nothing.
  await client.query(`lock table ${tables.map(({ quoted }) => quoted).join(", ")} in access exclusive mode`);
  // COPY can't write behind row-level security, which holds a plain owner too.
  for (const { quoted } of tables)
    await client.query(`alter table ${quoted} no force row level security; alter table ${quoted} disable trigger user`);
  for (const { name, quoted } of tables) {
    if (left.has(name)) continue;
    const { rows } = await client.query(`select exists (select from ${quoted}) as filled`);
    if (rows[0].filled) throw notEmpty(name);
  }
  // Keys are proven, and indexes made, once at the end for all rows together: one by one takes twice as long.
  const keys = await selectForeignKeys(client);
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${name}`);
  const indexes = await selectPlainIndexes(client);
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  step("load");
  await loadRows(client, file, onRows);
  step("indexes");
  for (const { definition } of indexes) await client.query(definition);
  step("keys");
  for (const { table, name, definition } of keys)
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  step("compare");
  await compare(client, file, tables, contents.tables, onRows);
  await options.afterLoad(client, origin);
  for (const { quoted, isForced } of tables) {
    await client.query(`alter table ${quoted} enable trigger user`);
    if (isForced) await client.query(`alter table ${quoted} force row level security`);
  }
  await client.query(tables.map(({ quoted }) => `analyze ${quoted}`).join("; "));
}

async function loadRows(client: pg.Client, file: string, onRows: (rows: number) => void): Promise<void> {
  const pieces = readBackup(file);
  const total = { rows: 0 };
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    const piece = next.value;
    if (piece.kind === "statement" && piece.statement.startsWith("select setval(")) await client.query(piece.statement);
    if (piece.kind !== "table") continue;
    const done = total.rows;
    const into = client.query(copyFrom(piece.statement));
    await pipeline(Readable.from(rowsUntilEnd(pieces)), into);
    total.rows = done + (into.rowCount ?? 0);
    onRows(total.rows);
  }
}

/** The rows of the table that has begun; the reader stands behind its end then. */
async function* rowsUntilEnd(pieces: AsyncGenerator<Piece>): AsyncGenerator<Buffer> {
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    if (next.value.kind === "rows") yield next.value.data;
    else return;
  }
}

/** What stands in the tables now is what was written of them, row by row. */
async function compare(
  client: pg.Client,
  file: string,
  tables: readonly BackupTable[],
  written: readonly TableSum[],
  onRows: (rows: number) => void,
): Promise<void> {
  let rows = 0;
  for (const { name, rows: count, sum } of written) {
    const table = tables.find((one) => one.name === name);
    if (!table) throw new BackupFileError(file, `it has a table ${name}, which its schema doesn't have`);
    const found = new RowSum();
    for await (const chunk of rowsOf(client, table)) found.add(chunk);
    if (found.rows !== count || found.sum !== sum)
      throw new BackupFileError(file, `${name} came out as ${found.rows} rows that are not the ${count} of the backup`);
    rows += found.rows;
    onRows(rows);
  }
}
