import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { crashPoint } from "../../crash-point.ts";
import { describeError, SetupError } from "../../errors.ts";
import {
  type Contents,
  contentsLine,
  copyLine,
  format,
  type Origin,
  originLine,
  RowSum,
  steadyText,
  type TableSum,
  title,
} from "./format.ts";
import { type BackupTable, selectMigrations, selectSequences, selectTables } from "./schema.ts";

/** Of the place a database is in, not of what it holds. */
const ofThePlace = ["public.lockstep_migration", "operation.installation"];

export interface BackupOptions {
  readonly madeAt: Temporal.Instant;
  readonly program: string;
  readonly installation: string | null;
  readonly keyId: string;
  /** Tables whose rows stay out: `public.user_session`. */
  readonly withoutRowsOf: readonly string[];
  /** Told now and then, and at the end of each table. */
  readonly onRows?: (table: string, rows: number) => void;
  readonly signal?: AbortSignal;
}

export interface MadeBackup {
  readonly origin: Origin;
  readonly contents: Contents;
  /** Of the file. */
  readonly bytes: number;
}

/**
 * Writes all rows into one file, as they are at one moment, while others go on writing: one read-only transaction, one
 * table after another, never more in memory than a few rows. The file gets its name when it is whole and on the disk.
 * @throws SetupError when the file is there already or can't be written
 */
export async function writeBackup(config: pg.PoolConfig, file: string, options: BackupOptions): Promise<MadeBackup> {
  if (existsSync(file))
    throw new SetupError("file_exists", `${file} is there already.`, "Choose another name, or move it away.");
  const part = `${file}.part`;
  const client = new pg.Client({ ...(config as pg.ClientConfig), application_name: "lockstep-backup" });
  client.on("error", () => {});
  await client.connect();
  try {
    const made: { origin?: Origin; contents?: Contents } = {};
    await pipeline(
      Readable.from(script(client, options, made)),
      createZstdCompress(),
      createWriteStream(part, { mode: 0o600, flush: true }),
      { signal: options.signal },
    );
    crashPoint("backup.before_rename");
    await rename(part, file);
    await syncFolder(dirname(file));
    return { ...(made as Required<typeof made>), bytes: (await stat(file)).size };
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw asSetupError(error, file);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The script piece by piece, and what it turned out to hold. */
async function* script(
  client: pg.Client,
  options: BackupOptions,
  made: { origin?: Origin; contents?: Contents },
): AsyncGenerator<Buffer> {
  const digest = createHash("sha256");
  const line = (text: string) => {
    const bytes = Buffer.from(`${text}\n`);
    digest.update(bytes);
    return bytes;
  };
  await client.query(steadyText);
  await client.query("begin isolation level repeatable read read only");
  const server = await client.query("show server_version");
  const left = [...ofThePlace, ...options.withoutRowsOf];
  made.origin = {
    format,
    madeAt: options.madeAt.toString(),
    program: options.program,
    installation: options.installation,
    keyId: options.keyId,
    server: server.rows[0].server_version,
    migrations: await selectMigrations(client),
    withoutRowsOf: left,
  };
  const found = (await selectTables(client)).filter(({ name }) => !left.includes(name));
  yield line(title);
  yield line(originLine(made.origin));
  yield line(`${steadyText};`.replaceAll(/\s+/g, " "));
  yield line("begin; set local session_replication_role = replica;");
  // Behind row-level security a database's plain owner sees nothing; this role sees every account.
  await client.query("set local role lockstep_system");
  const tables: TableSum[] = [];
  for (const table of found) {
    yield line(copyLine(table.quoted, table.columns));
    const sum = new RowSum();
    for await (const chunk of rowsOf(client, table)) {
      sum.add(chunk);
      digest.update(chunk);
      yield chunk;
      options.onRows?.(table.name, sum.rows);
    }
    yield line("\\.");
    tables.push({ name: table.name, rows: sum.rows, sum: sum.sum });
    options.onRows?.(table.name, sum.rows);
  }
  await client.query("reset role");
  for (const statement of await selectSequences(client)) yield line(statement);
  await client.query("commit");
  yield line("commit;");
  made.contents = { tables, sha256: digest.digest("hex") };
  yield Buffer.from(`${contentsLine(made.contents)}\n`);
}

/** The rows of a table as COPY writes them. */
export function rowsOf(client: pg.Client, { quoted, columns }: BackupTable): AsyncIterable<Buffer> {
  return client.query(copyTo(`copy (select ${columns.join(", ")} from ${quoted}) to stdout`));
}

/** A rename lasts when the folder has been written. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch {
    // Not every file system lets a folder be synced.
  } finally {
    await handle.close();
  }
}

function asSetupError(error: unknown, file: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!["ENOENT", "EACCES", "ENOSPC", "EROFS", "EISDIR", "ENOTDIR", "EPERM", "EDQUOT"].includes(code)) return error;
  return new SetupError(
    "backup_not_written",
    `The backup could not be written to ${file}: ${describeError(error)}`,
    code === "ENOSPC" || code === "EDQUOT"
      ? "Free some space, or choose another disk."
      : "Choose a folder that may be written.",
    { cause: error },
  );
}
