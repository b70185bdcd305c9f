import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, realpath, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { SetupError } from "../errors.ts";
import type { Home } from "./embedded-home.ts";
import { superuser } from "./embedded-initdb.ts";

/** Told to whoever waits for the database: a sentence. */
export type Tell = (message: string) => void;

/** How long a start waits for a server that another process has started and that recovers. */
const patienceMs = 60_000;
/** Servers that are well are up within a tenth of this. */
const noticeMs = 3_000;

/** Small at rest, fast under a sync; durable, since what was said yes to must survive. */
const settings = {
  listen_addresses: "",
  // Touched only as it is needed: an idle server stays small.
  shared_buffers: "512MB",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "4GB",
  // Whoever writes much leaves writing the log to the process that is there for it. Woken five times a second, as it is
  // by default, it comes too late: the log's buffers are full after half of that time.
  wal_writer_delay: "20ms",
  checkpoint_timeout: "10min",
  max_connections: "120",
  jit: "off",
  max_logical_replication_workers: "0", // nobody subscribes: no process that waits for it
  // The data lies on a disk without a head to move, and mostly in memory: an index is rarely the dearer way.
  random_page_cost: "1.1",
  timezone: "UTC",
};

/**
 * Sees to it that the server runs: adopts one that does, waits for one that recovers, else starts one.
 * @param prepare called before a server is started
 * @returns whether there was one already
 * @throws SetupError when it doesn't come up
 */
export async function bringUp(home: Home, tell: Tell, prepare: () => Promise<void>): Promise<boolean> {
  const standing = await waitWhileStarting(home, tell);
  if (standing === "up") return true;
  if (standing === "starting") throw await notUp(home, `it has been recovering for ${patienceMs / 1000} s`);
  await prepare();
  return launch(home, tell);
}

/** Waits for a server of somebody else, as long as it says that it comes up and the patience lasts. */
async function waitWhileStarting(home: Home, tell: Tell): Promise<Standing> {
  const began = performance.now();
  const notice = oneNotice(tell);
  for (;;) {
    const standing = await probe(home);
    const waited = performance.now() - began;
    if (standing !== "starting" || waited > patienceMs) return standing;
    if (waited > noticeMs) notice(`for at most ${patienceMs / 1000} s`);
    await wait(100);
  }
}

function oneNotice(tell: Tell): (howLong: string) => void {
  let isTold = false;
  return (howLong) => {
    if (!isTold) tell(`The embedded database is not up yet: it recovers from a crash. Waiting for it, ${howLong}.`);
    isTold = true;
  };
}

/**
 * Starts a server and waits until it answers: its own recovery, as long as that takes.
 * @returns whether it is a sister's instead, which was not to be seen before
 */
async function launch(home: Home, tell: Tell): Promise<boolean> {
  const began = performance.now();
  const notice = oneNotice(tell);
  const server = await spawnServer(home);
  while ((await probe(home)) !== "up") {
    // Two processes that start at once: one server refuses, since the other's holds the folder.
    if (server.exit !== undefined) {
      await waitForSister(home, server.exit, tell);
      return true;
    }
    if (performance.now() - began > noticeMs) notice("as long as it takes");
    await wait(20);
  }
  return false;
}

/** @throws SetupError when there is no other server whose fault it could be that ours ended */
async function waitForSister(home: Home, exit: string, tell: Tell): Promise<void> {
  await waitUntil(async () => (await probe(home)) !== "down", 3000);
  if ((await waitWhileStarting(home, tell)) !== "up") throw await notUp(home, exit);
}

async function spawnServer(home: Home): Promise<{ readonly exit: string | undefined }> {
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
  const server: { exit: string | undefined } = { exit: undefined };
  child.once("error", (error) => {
    server.exit = error.message;
  });
  child.once("exit", (code, signal) => {
    server.exit = `it ended with ${signal ?? `code ${code}`}`;
  });
  return server;
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

type Standing = "up" | "starting" | "down";

/** What PostgreSQL says while it starts, recovers or stops. */
const cannotConnectNow = "57P03";

async function probe(home: Home): Promise<Standing> {
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
    return rows[0].folder === (await realpath(home.dataDir)) ? "up" : "down";
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code === cannotConnectNow ? "starting" : "down";
  } finally {
    await client.end().catch(() => {});
  }
}

export async function readPid(home: Home): Promise<number | undefined> {
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

export async function waitUntil(isTrue: () => Promise<boolean>, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await isTrue()) return true;
    await wait(20);
  }
  return false;
}
