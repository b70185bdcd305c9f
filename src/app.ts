import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type pg from "pg";
import { registerAmsMetrics } from "./connectors/ams-metrics.ts";
import { createNetforumProConnector } from "./connectors/netforum-pro/connector.ts";
import { SessionPool } from "./domain/bridges/session-pool.ts";
import type { Context } from "./domain/context.ts";
import { registerDeliveryMetrics } from "./domain/mailings/delivery/delivery-metrics.ts";
import { registerResponseMetrics } from "./domain/mailings/responses/response-metrics.ts";
import { registerSyncMetrics } from "./domain/syncs/sync-metrics.ts";
import { registerWebhookMetrics } from "./domain/webhooks/webhook-metrics.ts";
import { registerWritebackMetrics } from "./domain/writebacks/writeback-metrics.ts";
import { CallOut } from "./platform/call-out.ts";
import { systemClock } from "./platform/clock.ts";
import type { Config } from "./platform/config.ts";
import { Database } from "./platform/database/database.ts";
import { startEmbedded } from "./platform/database/embedded.ts";
import { migrate } from "./platform/database/migrate.ts";
import { describeFolder } from "./platform/database/place.ts";
import { createDns } from "./platform/dns.ts";
import { SetupError } from "./platform/errors.ts";
import { migrateJobs } from "./platform/jobs.ts";
import { createLog } from "./platform/log.ts";
import { createMailer } from "./platform/mail/mailer.ts";
import { Relay } from "./platform/mail/relay.ts";
import { createMetrics } from "./platform/metrics.ts";
import { createOpenId } from "./platform/openid.ts";
import { createSecretBox, loadOrCreateKey } from "./platform/secrets.ts";

/** The program, put together: the only place that names a concrete connector. */
export interface App {
  readonly ctx: Context;
  readonly config: Config;
  /** For what opens connections of its own: the job engine. */
  readonly database: pg.PoolConfig;
  readonly isEmbedded: boolean;
  /** Which folder an embedded database lies in; empty for a server's. */
  readonly folder: string;
  close(): Promise<void>;
}

export const migrationsDirectory = join(import.meta.dirname, "..", "migrations");

/**
 * Opens the database (starting the embedded one if none is configured), brings its schema up, and makes the context.
 * @throws SetupError when something outside the program must be mended first
 */
export async function openApp(config: Config): Promise<App> {
  const log = createLog(config.logLevel);
  const { database, stop } = await openDatabase(config, log);
  try {
    const applied = await migrate(database, migrationsDirectory);
    if (applied.length > 0) log.info({ applied }, "brought the database's schema up");
    await migrateJobs(database);
    const dataDir = resolve(config.dataDir);
    if (config.secretKey === undefined) await mkdir(dataDir, { recursive: true });
    const keyFile = join(dataDir, "secret.key");
    const secrets = createSecretBox(loadOrCreateKey(config.secretKey, keyFile));
    const ctx = createContext(config, database, log, secrets);
    return {
      ctx,
      config,
      database,
      isEmbedded: config.databaseUrl === undefined,
      folder: config.databaseUrl === undefined ? await describeFolder(database) : "",
      async close() {
        await ctx.sessions.close();
        await ctx.callOut.close();
        ctx.mail?.close();
        ctx.relay?.close();
        await ctx.db.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The database alone, its schema as it is. */
export async function openDatabase(
  config: Config,
  log: Context["log"],
): Promise<{ database: pg.PoolConfig; stop: () => Promise<void> }> {
  if (config.databaseUrl !== undefined)
    return { database: { connectionString: config.databaseUrl }, stop: async () => {} };
  const server = await startEmbedded(config.dataDir, (message) => log.warn(message));
  return { database: server.config, stop: server.stop };
}

function createContext(
  config: Config,
  database: pg.PoolConfig,
  log: Context["log"],
  secrets: Context["secrets"],
): Context {
  const metrics = createMetrics();
  registerSyncMetrics(metrics);
  registerResponseMetrics(metrics);
  registerDeliveryMetrics(metrics);
  registerWritebackMetrics(metrics);
  registerWebhookMetrics(metrics);
  const clock = systemClock;
  const netforumPro = createNetforumProConnector({
    allowPrivateAddresses: config.allowPrivateAms,
    sampleUrl: config.sampleAms,
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: config.amsFirstByteMs,
    idleTimeoutMs: config.amsIdleMs,
    totalTimeoutMs: config.amsAnswerMs,
    bounds: { bytes: config.amsAnswerBytes },
    observer: registerAmsMetrics(metrics),
    now: clock.now,
    monotonicMs: clock.monotonicMs,
    sleep: clock.sleep,
    random: clock.random,
  });
  // A run in its apply holds one connection and reports on another: there must be more than jobs.
  const max = Math.max(config.databasePool, config.concurrency + 4);
  const baseUrl =
    config.baseUrl ?? `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${config.port}`;
  const publicUrl = config.publicUrl ?? baseUrl;
  return {
    db: new Database({ ...database, max }, (error) =>
      log.warn({ err: error }, "lost a database connection and opens another"),
    ),
    clock,
    log,
    metrics,
    secrets,
    connectors: new Map([[netforumPro.id, netforumPro]]),
    sessions: new SessionPool(),
    openId: createOpenId({ allowPrivate: config.allowPrivateAms }),
    dns: createDns({ servers: config.dnsServers, timeoutMs: 3000, tries: 2 }),
    callOut: new CallOut({ allowPrivate: config.allowPrivateWebhooks }),
    mail: config.smtpUrl === undefined ? null : createMailer(config.smtpUrl, config.mailFrom, log),
    relay: createRelay(config, publicUrl, clock),
    baseUrl,
    publicUrl,
    bounceDomain: config.bounceDomain ?? null,
    spfTerm: config.spfTerm ?? null,
  };
}

/** The same relay as letters', over sessions that stay open. */
function createRelay(config: Config, publicUrl: string, clock: Context["clock"]): Relay | null {
  if (config.smtpUrl === undefined) return null;
  const options = {
    url: config.smtpUrl,
    name: new URL(publicUrl).hostname,
    connections: config.smtpConnections,
    rate: config.smtpRate,
    domainLimits: { connections: config.smtpDomainConnections, rate: config.smtpDomainRate },
  };
  return new Relay(options, clock);
}

/** A database that can't be reached, said as something that an operator can mend. */
export function explainDatabaseError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Record<string, string> = {
    ECONNREFUSED: "nothing listens there",
    ENOTFOUND: "there is no such host",
    ENOENT: "there is no such socket",
    ETIMEDOUT: "it does not answer",
    "28P01": "the password is wrong",
    "28000": "the user may not sign in",
    "3D000": "there is no such database",
    "42501": "the user lacks rights: it must own the database and be able to create roles",
    "53300": "it has no connection left",
  };
  const reason = reasons[code];
  if (reason === undefined || error instanceof SetupError) return error;
  return new SetupError(
    "database_unreachable",
    `The database can't be used: ${reason}.`,
    "Check LOCKSTEP_DATABASE_URL and the server; lockstep doctor says more.",
    { cause: error },
  );
}
