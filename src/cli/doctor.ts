import { statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { styleText } from "node:util";
import { type App, openApp } from "../app.ts";
import { listAccounts } from "../domain/accounts/create-account.ts";
import { findBridge } from "../domain/bridges/get-bridge.ts";
import { type AccountContext, inAccount } from "../domain/context.ts";
import { erasuresUnknown } from "../domain/installation/fence.rules.ts";
import { findInstallation } from "../domain/installation/installation.ts";
import { measureQueue } from "../domain/syncs/queue.ts";
import { testConnection } from "../domain/syncs/test-connection.ts";
import { findLastVerification } from "../domain/syncs/verify-nightly.ts";
import { summarizeWritebacks } from "../domain/writebacks/find-writebacks.ts";
import type { Config } from "../platform/config.ts";
import { describeError } from "../platform/errors.ts";
import { checkRelay } from "../platform/mail/mailer.ts";
import { commandLineActor, exitCodes, guarded, loadCliConfig } from "./command.ts";
import { isDemo } from "./demo-mark.ts";
import { measureWorkers } from "./workers.ts";
import { describeWritebacks, whyWaiting } from "./writebacks-waiting.ts";

interface Diagnosis {
  readonly what: string;
  readonly state: "ok" | "warning" | "broken";
  readonly message: string;
}

const leastFreeBytes = 2 * 1024 ** 3;

type Finding = Omit<Diagnosis, "what">;
type Look = (what: string, run: () => Promise<Finding>) => Promise<void>;

/** What is configured, reachable and healthy, and how to mend what isn't. @returns the command's exit code */
export async function runDoctor(json: boolean): Promise<number> {
  const found: Diagnosis[] = [];
  const look: Look = async (what, run) => {
    const seen = await run().catch((error) => ({ state: "broken" as const, message: describeError(error) }));
    found.push({ what, ...seen });
    const colour = { ok: "green", warning: "yellow", broken: "red" } as const;
    if (!json)
      process.stdout.write(`${styleText(colour[seen.state], seen.state.padEnd(8))} ${what}: ${seen.message}\n`);
  };
  const code = await guarded(() => examine(look), { json });
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  if (code !== exitCodes.ok) return code;
  return found.some((one) => one.state === "broken") ? exitCodes.failed : exitCodes.ok;
}

async function examine(look: Look): Promise<number> {
  await look("program", async () => ({ state: "ok", message: `Node ${process.version}` }));
  const config = loadCliConfig({ logLevel: "silent" });
  const folder = resolve(config.dataDir);
  const database = config.databaseUrl ? "database by LOCKSTEP_DATABASE_URL" : `embedded database in ${folder}`;
  await look("settings", async () => ({ state: "ok", message: database }));
  const app = await openApp(config);
  try {
    if (app.isEmbedded) await look("disk", () => examineDisk(folder));
    await look("database", () => examineDatabase(app));
    await look("workers", () => examineWorkers(app));
    await look("data", () => examineData(app));
    await look("sending", () => examinePause(app));
    await look("mail", () => examineMail(config));
    if (config.baseUrl !== undefined) await look("address", () => examineAddress(app.ctx.baseUrl));
    for (const account of await listAccounts(app.ctx)) {
      const ctx = inAccount(app.ctx, account.id, commandLineActor());
      await look(`bridge of ${account.name}`, () => examineBridge(ctx));
      await look(`writebacks of ${account.name}`, () => examineWritebacks(app, ctx));
    }
  } finally {
    await app.close();
  }
  return exitCodes.ok;
}

async function examineDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const message = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  if (free >= leastFreeBytes) return { state: "ok", message };
  return { state: "warning", message: `${message}: a sync of a million people needs 2` };
}

async function examineDatabase({ ctx }: App): Promise<Finding> {
  const began = performance.now();
  await ctx.db.ping();
  const milliseconds = (performance.now() - began).toFixed(1);
  return { state: "ok", message: `answers in ${milliseconds} ms; its schema is up to date` };
}

async function examineData(app: App): Promise<Finding> {
  const last = await findLastVerification(app.ctx);
  if (!last) return { state: "ok", message: "not checked against its own rules yet: a worker does so every night" };
  const at = last.startedAt.toString({ smallestUnit: "second" });
  if (last.findings.length === 0) return { state: "ok", message: `kept all of its own rules at ${at}` };
  const count = last.findings.length;
  return { state: "broken", message: `${count} breaches of its own rules at ${at}; see them with: lockstep verify` };
}

async function examinePause({ ctx }: App): Promise<Finding> {
  const found = await findInstallation(ctx);
  if (!found?.pausedReason) return { state: "ok", message: "mailings and writebacks may leave" };
  const { erasuresUnknownSince: since } = found;
  const erased =
    since === null ? "" : ` ${erasuresUnknown(since)} Erase them again: lockstep person erase-again --from FILE.`;
  const message = `paused since ${found.pausedAt}. ${found.pausedReason}${erased} When no other installation sends: lockstep resume`;
  return { state: "warning", message };
}

async function examineMail(config: Config): Promise<Finding> {
  if (config.smtpUrl === undefined) {
    if (isDemo(config)) return { state: "ok", message: "the demo catches all mail; none leaves this machine" };
    const message = "no relay: no mailing is sent, and administrators hand links on. Set LOCKSTEP_SMTP_URL";
    return { state: "warning", message };
  }
  const { host } = new URL(config.smtpUrl);
  try {
    await checkRelay(config.smtpUrl);
    return { state: "ok", message: `the relay ${host} answers and takes the sign-in` };
  } catch (error) {
    return { state: "broken", message: `the relay ${host}: ${describeError(error)}. Correct LOCKSTEP_SMTP_URL` };
  }
}

/** What people open: a proxy that forgets us is seen here, not by them. */
async function examineAddress(baseUrl: string): Promise<Finding> {
  const mend = "see that a lockstep serve runs behind LOCKSTEP_BASE_URL, and that the proxy passes to it";
  try {
    const answer = await fetch(new URL("/health/ready", baseUrl), { signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    if (answer.ok) return { state: "ok", message: `${baseUrl} answers` };
    return { state: "broken", message: `${baseUrl} answers with ${answer.status}: ${mend}` };
  } catch (error) {
    const reason = describeError(error instanceof Error && error.cause instanceof Error ? error.cause : error);
    return { state: "broken", message: `${baseUrl}: ${reason}; ${mend}` };
  }
}

async function examineWorkers({ ctx }: App): Promise<Finding> {
  const [workers, queue] = [await measureWorkers(ctx), await measureQueue(ctx)];
  const open = queue.states.map(({ state, syncs }) => `${syncs} ${state}`).join(", ") || "no open syncs";
  if (workers > 0) return { state: "ok", message: `${workers} running; ${open}` };
  const isStuck = queue.states.some(({ state }) => state !== "held");
  return {
    state: isStuck ? "broken" : "warning",
    message: `none runs, so no sync and no Nightly Sync will; ${open}: start one with lockstep serve or lockstep worker`,
  };
}

async function examineBridge(ctx: AccountContext): Promise<Finding> {
  const bridge = await findBridge(ctx);
  if (!bridge) return { state: "warning", message: "not set up: lockstep bridge set" };
  if (!bridge.isActive)
    return { state: "warning", message: "switched off; switch it on: lockstep bridge set --active yes" };
  const { needsAttentionReason } = bridge.health;
  if (needsAttentionReason) {
    const message = `${needsAttentionReason} Save the right ones: lockstep bridge set --user … --password-stdin`;
    return { state: "broken", message };
  }
  const report = await testConnection(ctx, AbortSignal.timeout(60_000));
  const trouble = report.steps.find((step) => step.outcome !== "ok");
  if (trouble) {
    const state = trouble.outcome === "failed" ? "broken" : "warning";
    return { state, message: `${trouble.title}: ${trouble.message}` };
  }
  return { state: "ok", message: `${bridge.baseUrl} answers; list last synced ${bridge.listSyncedAt ?? "never"}` };
}

async function examineWritebacks(app: App, ctx: AccountContext): Promise<Finding> {
  const summary = await summarizeWritebacks(ctx);
  const { message, isStuck } = describeWritebacks(summary, ctx.clock.now());
  const reasons = summary.counts.ready > 0 ? await whyWaiting(app, ctx) : [];
  return { state: isStuck || reasons.length > 0 ? "warning" : "ok", message: [message, ...reasons].join(". ") };
}
