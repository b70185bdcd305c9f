import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ServerConfig } from "./postgres.ts";
import { secretKey } from "./world.ts";

/** The program as an operator starts it. */
export const program = join(import.meta.dirname, "..", "..", "bin", "lockstep");

export interface WorkerProcess {
  readonly pid: number;
  /** Kills it as power would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop. @returns its exit code */
  stop(): Promise<number | null>;
  /** Waits until it ended by itself. @returns the signal that ended it, or null when it exited */
  ended(): Promise<NodeJS.Signals | null>;
}

/**
 * A real `lockstep worker` on the world's database.
 * @param crashAt the point at which it kills itself
 * @param settings further ones
 */
export function startWorkerProcess(
  database: ServerConfig,
  crashAt = "",
  settings: Readonly<Record<string, string>> = {},
): WorkerProcess {
  const child = spawn(program, ["worker"], {
    env: { ...process.env, ...environmentFor(database), LOCKSTEP_CRASH_AT: crashAt, ...settings },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exit = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    pid: child.pid as number,
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    async stop() {
      child.kill("SIGTERM");
      return (await exit)[0];
    },
    async ended() {
      return (await Promise.race([exit, tooLong(child)]))[1];
    },
  };
}

async function tooLong(child: ChildProcess): Promise<never> {
  await wait(30_000, undefined, { ref: false });
  child.kill("SIGKILL");
  throw new Error("the worker process did not end");
}

/** What a process of Lockstep needs to work on the test's database as the world does. */
export function environmentFor(database: ServerConfig): Record<string, string> {
  return {
    LOCKSTEP_DATABASE_URL: toUrl(database),
    LOCKSTEP_SECRET_KEY: secretKey.toString("base64"),
    LOCKSTEP_ALLOW_PRIVATE_AMS: "true",
    LOCKSTEP_LOG_LEVEL: "error",
  };
}

function toUrl(server: ServerConfig): string {
  if ("connectionString" in server) return server.connectionString;
  const { host, user, database } = server;
  return `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`;
}
