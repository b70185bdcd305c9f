import { execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readdir, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { describeError, SetupError } from "../errors.ts";
import { type Home, prepareHome } from "./embedded-home.ts";

/** Every process that uses the embedded server holds this lock, shared: whoever stops last finds it free. */
const inUseLock = 7_000_002;
const superuser = "postgres";
const databaseName = "lockstep";

export interface EmbeddedServer {
  readonly config: pg.PoolConfig;
  /** Another process had started it: a sister, or one that was killed. */
  readonly isAdopted: boolean;
  /** Stops the server, unless another process still uses it. */
  stop(): Promise<void>;
}

/**
 * The embedded PostgreSQL: started on its data folder, or taken over if it runs already. Listens on a Unix socket
 * only, whose folder nobody else may enter. Survives `kill -9` of its starter; the next start adopts it.
 * @throws SetupError when the folder can't be used, was made by another version, or the server doesn't come up
 */
export async function startEmbedded(dataDir: string): Promise<EmbeddedServer> {
  const home = await prepareHome(dataDir);
  const config: pg.PoolConfig = { host: home.socketDir, user: superuser, database: databaseName };
  const isAdopted = await answers(home);
  if (!isAdopted) {
    await initialise(home);
    await launch(home);
  }
  await createDatabase(home);
  const user = await joinUsers(config);
  return { config, isAdopted, stop: () => leave(user, home) };
}

/** A connection that holds the in-use lock as long as the process lives. */
async function joinUsers(config: pg.PoolConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...(config as pg.ClientConfig), application_name: "lockstep-embedded" });
  client.on("error", () => {});
  await client.connect();
  await client.query("select pg_advisory_lock_shared($1)", [inUseLock]);
  return client;
}

async function leave(user: pg.Client, home: Home): Promise<void> {
  const pid = await readPid(home);
  const isLast = await user
    .query("select pg_advisory_unlock_shared($1), pg_try_advisory_lock($1) as free", [inUseLock])
    .then((result) => result.rows[0].free === true)
    .catch(() => false);
  if (isLast && pid !== undefined) process.kill(pid, "SIGINT"); // "fast": ends sessions, writes a checkpoint
  await user.end().catch(() => {});
  if (isLast && pid !== undefined) await waitUntil(async () => (await readPid(home)) === undefined, 30_000);
}

async function initialise(home: Home): Promise<void> {
  if (await isMade(home)) return;
  try {
    // Made under another name first: a kill in the middle leaves nothing that looks like a database.
    const making = await mkdtemp(`${home.dataDir}.new-`);
    await home.give(making);
    await runInitdb(home, making);
    await rename(making, home.dataDir);
  } catch (cause) {
    // Of processes that start at once, the first one's database stands, and what the others make is in vain.
    if (!(await isMade(home))) {
      throw new SetupError(
        "initdb_failed",
        `The embedded database could not be created in ${home.dataDir}: ${describeError(cause)}`,
        "Make the folder writable and give it some space, or set LOCKSTEP_DATABASE_URL.",
        { cause },
      );
    }
  }
  await removeUnfinished(home);
}

/** @throws SetupError when another version of PostgreSQL made it */
async function isMade(home: Home): Promise<boolean> {
  const version = await readFile(join(home.dataDir, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version === undefined) return false;
  if (version.trim() === home.major) return true;
  throw new SetupError(
    "wrong_version",
    `The data in ${home.dataDir} was made by PostgreSQL ${version.trim()}; this Lockstep brings PostgreSQL ${home.major}.`,
    "Start the Lockstep version that made it, or choose another LOCKSTEP_DATA_DIR.",
  );
}

async function runInitdb(home: Home, directory: string): Promise<void> {
  const flags = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  await promisify(execFile)(home.initdb, ["-D", directory, "-U", superuser, ...flags, "--locale=C", "--no-sync"], {
    ...home.identity,
    cwd: home.socketDir,
  });
}

/** What kills and lost races left beside the database. A sister that still works there finds the database made. */
async function removeUnfinished(home: Home): Promise<void> {
  const folder = dirname(home.dataDir);
  const unfinished = `${basename(home.dataDir)}.new`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(unfinished)) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Small at rest, fast under a sync; durable, since what was said yes to must survive. */
const settings = {
  listen_addresses: "",
  // Touched only as it is needed: an idle server stays small.
  shared_buffers: "512MB",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "10min",
  max_connections: "120",
  jit: "off",
  // The data lies on a disk without a head to move, and mostly in memory: an index is rarely the dearer way.
  random_page_cost: "1.1",
  timezone: "UTC",
};

async function launch(home: Home): Promise<void> {
  await rotateLog(home.logFile);
  const log = openSync(home.logFile, "a");
  const flags = Object.entries({
    ...settings,
    unix_socket_directories: home.socketDir,
    unix_socket_permissions: "0700",
  });
  const child = spawn(
    home.postgres,
    ["-D", home.dataDir, ...flags.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    {
      ...home.identity,
      cwd: home.socketDir,
      stdio: ["ignore", log, log],
      // Its own process group: Ctrl-C is for Lockstep, which stops the server when it is done with it.
      detached: true,
    },
  );
  child.unref();
  closeSync(log);
  let exit: string | undefined;
  child.once("error", (error) => {
    exit = error.message;
  });
  child.once("exit", (code, signal) => {
    exit = `it ended with ${signal ?? `code ${code}`}`;
  });
  while (!(await answers(home))) {
    // Two processes that start at once: one server refuses, since the other's holds the folder.
    if (exit !== undefined && !(await waitUntil(() => answers(home), 3000))) throw await notUp(home, exit);
    await wait(20);
  }
}

async function notUp(home: Home, reason: string): Promise<SetupError> {
  const log = await readFile(home.logFile, "utf8").catch(() => "");
  const tail = log.trim().split("\n").slice(-5).join("\n  ");
  return new SetupError(
    "database_not_up",
    `The embedded database did not start: ${reason}. Its log (${home.logFile}) ends with:\n  ${tail}`,
    "If it speaks of memory or space, free some; or set LOCKSTEP_DATABASE_URL to use a PostgreSQL server.",
  );
}

async function createDatabase(home: Home): Promise<void> {
  const client = new pg.Client({ host: home.socketDir, user: superuser, database: "postgres" });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } catch (error) {
    // A sister made it: before us, or at the same time.
    if (!(error instanceof pg.DatabaseError && ["42P04", "23505"].includes(error.code ?? ""))) throw error;
  } finally {
    await client.end();
  }
}

async function answers(home: Home): Promise<boolean> {
  const client = new pg.Client({
    host: home.socketDir,
    user: superuser,
    database: "postgres",
    connectionTimeoutMillis: 2000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query("select current_setting('data_directory') as folder");
    return rows[0].folder === (await realpath(home.dataDir));
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function readPid(home: Home): Promise<number | undefined> {
  const text = await readFile(join(home.dataDir, "postmaster.pid"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : Number(text.split("\n")[0]);
}

const logBytes = 10 * 1024 * 1024;

async function rotateLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logBytes) await rename(file, `${file}.1`);
}

async function waitUntil(isTrue: () => Promise<boolean>, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await isTrue()) return true;
    await wait(20);
  }
  return false;
}
