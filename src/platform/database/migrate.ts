import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { SetupError } from "../errors.ts";

const oldestServer = 15;
/** Any fixed number: one process migrates, the others wait and find it done. */
const migrationLock = 7_000_001;

/**
 * Brings the database's schema up to the program's: plain SQL files in order, forward only, each in a transaction,
 * once however many processes start at once.
 * @param isWanted which files to apply, where a backup of an older schema is to be restored; all of them without it
 * @returns names of the files that were applied now
 * @throws SetupError when the server is too old, the database is newer than the program, or a landed file was edited
 */
export async function migrate(
  config: pg.PoolConfig,
  directory: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<readonly string[]> {
  const client = new pg.Client({ ...(config as pg.ClientConfig), application_name: "lockstep-migrate" });
  client.on("error", () => {});
  await client.connect();
  try {
    await refuseOldServer(client);
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    await client.query(`create table if not exists lockstep_migration (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
    return await applyMissing(client, await readMigrations(directory), isWanted);
  } finally {
    await client.end();
  }
}

export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

/** Every migration of this program, in order. */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), "utf8");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select current_setting('server_version_num')::int / 10000 as major");
  if (rows[0].major >= oldestServer) return;
  throw new SetupError(
    "old_server",
    `This is PostgreSQL ${rows[0].major}; Lockstep needs ${oldestServer} or newer.`,
    "Upgrade the server, or unset LOCKSTEP_DATABASE_URL to use the embedded one.",
  );
}

async function applyMissing(
  client: pg.Client,
  migrations: readonly Migration[],
  isWanted: (name: string) => boolean,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    "select name, checksum from lockstep_migration",
  );
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const last = migrations.at(-1)?.name ?? "";
  const newer = [...applied.keys()].filter((name) => name > last).sort();
  if (newer.length > 0) {
    throw new SetupError(
      "newer_database",
      `The database has ${newer.join(", ")}, which this program doesn't know: a newer Lockstep made it.`,
      "Start the newer version.",
    );
  }
  const done: string[] = [];
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === migration.checksum || (checksum === undefined && !isWanted(migration.name))) continue;
    if (checksum !== undefined) {
      throw new SetupError(
        "edited_migration",
        `${migration.name} was edited after it had been applied to this database.`,
        "Take the file back as it was, and put the change into a new one.",
      );
    }
    await applyOne(client, migration);
    done.push(migration.name);
  }
  return done;
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query("begin");
    await client.query(migration.text);
    await client.query("insert into lockstep_migration (name, checksum) values ($1, $2)", [
      migration.name,
      migration.checksum,
    ]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError(
      "migration_failed",
      `${migration.name} could not be applied: ${reason}`,
      "Nothing of it was kept; mend the cause and start again.",
      { cause },
    );
  }
}
