import { EventEmitter } from "node:events";
import { Logger, run, runMigrations, type TaskList } from "graphile-worker";
import { sql } from "kysely";
import pg from "pg";
import type { z } from "zod";
import type { Tx } from "./database/database.ts";

/**
 * The only importer of the job engine. Jobs are coarse ("work on this bridge"), enqueued in the transaction of what
 * they are about, and may run twice: each finds out from our own rows what is left to do.
 */
export interface JobDefinition<Payload> {
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
}

export function defineJob<Payload>(name: string, payload: z.ZodType<Payload>): JobDefinition<Payload> {
  return { name, payload };
}

export interface EnqueueOptions {
  /** A job with the same key that waits is replaced by this one. */
  readonly key?: string;
  readonly runAt?: Temporal.Instant;
  /** Lower goes first. */
  readonly priority?: number;
}

/** A killed worker's job counts as an attempt; only a job that throws again and again should ever be given up. */
const maxAttempts = 1000;

/** Enqueues a job that becomes visible when the caller's transaction commits, and never if it rolls back. */
export async function enqueue<Payload>(
  tx: Tx,
  job: JobDefinition<Payload>,
  payload: Payload,
  options: EnqueueOptions = {},
): Promise<void> {
  await sql`select enqueue_job(${job.name}, ${JSON.stringify(payload)}::json, ${options.key ?? null},
    ${options.runAt?.toString() ?? null}::timestamptz, ${options.priority ?? 0}::int, ${maxAttempts}::int)`.execute(tx);
}

/** What a running job may use beside its payload. */
export interface JobRun {
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal;
  /** The worker process; its liveness lock is held as long as it lives. */
  readonly processId: string;
}

export interface JobHandler<Payload> {
  readonly job: JobDefinition<Payload>;
  run(payload: Payload, run: JobRun): Promise<void>;
}

export function handle<Payload>(
  job: JobDefinition<Payload>,
  run: (payload: Payload, run: JobRun) => Promise<void>,
): JobHandler<Payload> {
  return { job, run };
}

export interface JobLog {
  warn(detail: object, message: string): void;
  error(detail: object, message: string): void;
}

export interface WorkOptions {
  readonly database: pg.PoolConfig;
  // biome-ignore lint/suspicious/noExplicitAny: handlers of every payload stand in one list; each parses its own
  readonly handlers: readonly JobHandler<any>[];
  readonly concurrency: number;
  readonly processId: string;
  readonly liveness: { hold(holder: string): Promise<void> };
  readonly log: JobLog;
}

/** The engine signs in as its own role: it can't read a table of ours. */
function engineConfig(database: pg.PoolConfig, max: number): pg.PoolConfig {
  return { ...database, max, options: "-c role=lockstep_jobs -c timezone=UTC", application_name: "lockstep-jobs" };
}

/** "Cannot connect now": the one code of a server that is away which the engine waits on, instead of ending the process. */
const awayCode = "57P03";

/** Says of every lost or refused connection what the engine tries again after: all but an answer of the server's own. */
function asAway(error: unknown): unknown {
  const isAnswer = error instanceof pg.DatabaseError && !/^(57P|08|53300)/.test(error.code ?? "");
  return isAnswer || !(error instanceof Error) ? error : Object.assign(error, { code: awayCode });
}

class EngineClient extends pg.Client {
  override query(...args: unknown[]): never {
    const result = Reflect.apply(super.query, this, args) as unknown;
    const isPromise = result instanceof Promise;
    return (isPromise ? result.catch((error) => Promise.reject(asAway(error))) : result) as never;
  }
}

class EnginePool extends pg.Pool {
  override connect(...args: unknown[]): never {
    const result = Reflect.apply(super.connect, this, args) as unknown;
    const isPromise = result instanceof Promise;
    return (isPromise ? result.catch((error) => Promise.reject(asAway(error))) : result) as never;
  }
}

/** A pool for the engine. A lost connection is opened anew; the query that meets it throws. */
function enginePool(database: pg.PoolConfig, max: number, onLost: (error: Error) => void): pg.Pool {
  const pool = new EnginePool({ ...engineConfig(database, max), Client: EngineClient });
  pool.on("error", onLost);
  pool.on("connect", (client) => client.on("error", onLost));
  return pool;
}

/** Creates or upgrades the engine's schema. Run it after our own migrations, which make its role. */
export async function migrateJobs(database: pg.PoolConfig): Promise<void> {
  const pool = enginePool(database, 1, () => {});
  try {
    await runMigrations({ pgPool: pool, logger: silentLogger() });
  } finally {
    await pool.end();
  }
}

/** Works on jobs until stopped. `stop()` takes no new ones, aborts the running ones' signal and waits for them. */
export async function startWorking(options: WorkOptions): Promise<{ stop(): Promise<void> }> {
  const { processId, liveness, log } = options;
  const stopping = new AbortController();
  const pool = enginePool(options.database, options.concurrency + 2, (error) => {
    // Stopping, it opens none: a database that stops right after us may be quicker than the farewell.
    if (!pool.ending) log.warn({ err: error }, "the job engine lost a connection and opens another");
  });
  const taskList: TaskList = {};
  for (const handler of options.handlers) {
    taskList[handler.job.name] = async (payload) => {
      await handler.run(handler.job.payload.parse(payload), { signal: stopping.signal, processId });
    };
  }
  const events = new EventEmitter();
  events.on("pool:create", ({ workerPool }: { workerPool: { id: string } }) => {
    liveness.hold(workerPool.id).catch((error) => log.error({ err: error }, "can't hold the liveness lock"));
  });
  await liveness.hold(processId);
  const runner = await run({
    pgPool: pool,
    concurrency: options.concurrency,
    noHandleSignals: true,
    pollInterval: 1000,
    taskList,
    events,
    logger: engineLogger(log),
  });
  return {
    async stop() {
      stopping.abort();
      await runner.stop();
      await pool.end();
    },
  };
}

function engineLogger(log: JobLog): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === "error") log.error({ ...meta }, message);
    else if (level === "warning") log.warn({ ...meta }, message);
  });
}

function silentLogger(): Logger {
  return new Logger(() => () => {});
}
