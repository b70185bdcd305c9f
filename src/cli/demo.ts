import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { styleText } from "node:util";
import type { Command } from "commander";
import { createApiKey } from "../domain/accounts/api-keys.ts";
import { createAccount, listAccounts } from "../domain/accounts/create-account.ts";
import { createUser } from "../domain/accounts/create-user.ts";
import { isSetUpNeeded } from "../domain/accounts/set-up.ts";
import { changeField } from "../domain/bridges/change-field.ts";
import { configureBridge } from "../domain/bridges/configure-bridge.ts";
import { findBridge } from "../domain/bridges/get-bridge.ts";
import { type AccountContext, inAccount } from "../domain/context.ts";
import { requestListSync, requestSubscriberSync } from "../domain/syncs/request-sync.ts";
import { type Config, loadConfig } from "../platform/config.ts";
import { SetupError } from "../platform/errors.ts";
import { guarded, type Shell } from "./command.ts";
import {
  catcherPort,
  isPrepared,
  markDemo,
  markPrepared,
  rememberCatcherPort,
  rememberSimulatorPort,
  simulatorPort,
} from "./demo-mark.ts";
import { followSyncs } from "./follow-sync.ts";
import { interruptedExitCode, untilInterrupted } from "./interrupt.ts";
import { listAllGroups } from "./list-groups.ts";
import { runUntilStopped, type Serving, startServing } from "./serve.ts";

const demoMembers = 1_000_000;
const demoFields = ["ind_first_name", "ind_last_name", "org_name", "mbt_code", "chp_name"];

/** `npm start`: everything on one machine, with the simulator as the AMS. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("run everything on this machine, with a simulated netFORUM Pro")
    .action(async () => {
      process.exitCode = await guarded(runDemo);
    });
}

async function runDemo(): Promise<number> {
  const settings = {
    allowPrivateAms: "true",
    allowPrivateWebhooks: "true",
    logLevel: process.env.LOCKSTEP_LOG_LEVEL ?? "warn",
  };
  const place = loadConfig(process.env, settings);
  markDemo(place);
  const simulator = await startSimulator(simulatorPort(place));
  rememberSimulatorPort(place, simulator.url);
  const catcher = await startCatcher(place);
  rememberCatcherPort(place, catcher.url);
  const config = loadConfig(process.env, { ...settings, sampleAms: simulator.url, smtpUrl: catcher.smtpUrl });
  const serving = await startServing(config, { web: true, worker: true });
  try {
    const { ctx } = serving.app;
    const [account] = await listAccounts(ctx);
    const own = account && inAccount(ctx, account.id, "demo");
    const stop = async () => {
      await serving.stop();
      simulator.stop();
      catcher.stop();
    };
    if (own) await pointBridge(own, simulator.url);
    if (!own || !isPrepared(config)) {
      if ((await untilInterrupted(prepareFirstRun(serving, simulator.url, own))) === "interrupted") {
        process.stdout.write("\nStopping; the next start goes on from here.\n");
        await stop();
        return interruptedExitCode;
      }
    }
    process.stdout.write(
      `\nLockstep is up: ${styleText("bold", serving.address)}   API page: ${serving.address}/api/docs   Caught mail: ${catcher.url}   Ctrl-C stops it\n`,
    );
    await runUntilStopped({ stop }, config.stopMs);
    process.stdout.write("Stopped.\n");
    return 0;
  } catch (error) {
    await serving.stop();
    throw error;
  }
}

/** The first run makes an account, its bridge and a key, and brings every group in step; interrupted, it goes on. */
async function prepareFirstRun(
  { app, address }: Serving,
  url: string,
  begun: AccountContext | undefined,
): Promise<void> {
  const zone = Temporal.Now.timeZoneId();
  const ctx = begun ?? inAccount(app.ctx, (await createAccount(app.ctx, "Demo Association", zone, "demo")).id, "demo");
  if (!(await findBridge(ctx)))
    await configureBridge(ctx, { baseUrl: url, userName: "lockstep", password: "demo", sessionLimit: 2 });
  const print = (text: string) => process.stdout.write(`${text}\n`);
  print(`The account ${styleText("bold", "Demo Association")} has a bridge to a simulated netFORUM Pro.\n`);
  const shell: Shell = { app, options: {}, isTerminal: process.stdout.isTTY === true, say: print, result: () => {} };
  await followSyncs(shell, ctx, [(await requestListSync(ctx, { trigger: "cli", by: "demo" })).sync]);
  for (const name of demoFields) await changeField(ctx, name, { isKept: true });
  const syncs = [];
  for (const group of await listAllGroups(ctx))
    syncs.push((await requestSubscriberSync(ctx, group.id, { trigger: "cli", by: "demo" })).sync);
  await followSyncs(shell, ctx, syncs);
  await makeAdministrator(ctx, print);
  const key = await createApiKey(ctx, "demo");
  print(`API key, shown this once: ${styleText("bold", key.token)}`);
  print(`Try it: curl -H 'Authorization: Bearer ${key.token}' ${address}/api/v1/target-groups`);
  markPrepared(app.config);
}

/** Somebody to sign in as, made once. */
async function makeAdministrator(ctx: AccountContext, print: (text: string) => void): Promise<void> {
  if (!(await isSetUpNeeded(ctx))) return;
  const administrator = { email: "demo@example.org", name: "Demo Administrator", role: "administrator" } as const;
  const { user, password } = await createUser(ctx, { ...administrator, accountId: ctx.accountId }, "demo");
  print(`\nSign in as ${styleText("bold", user.email)}, password: ${styleText("bold", password)}`);
  print(`(shown this once; a new one: npx lockstep user reset-password ${user.email})`);
}

/** Someone else took the port since: the bridge is told the new one. */
async function pointBridge(ctx: AccountContext, url: string): Promise<void> {
  const bridge = await findBridge(ctx);
  if (!bridge || !new URL(bridge.baseUrl).hostname.startsWith("127.") || bridge.baseUrl === url) return;
  await configureBridge(ctx, { baseUrl: url, userName: "lockstep", password: "demo" });
}

interface StandIn {
  readonly url: string;
  readonly smtpUrl: string;
  stop(): void;
}

function startSimulator(port: number | undefined): Promise<StandIn> {
  return startStandIn("simulator", "simulated netFORUM Pro", port, ["--members", String(demoMembers)]);
}

/** Every mail of the demo ends here: its addresses are nobody's, but might be somebody's one day. */
function startCatcher(place: Config): Promise<StandIn> {
  const folder = join(resolve(place.dataDir), "caught-mail");
  return startStandIn("catcher", "mail catcher", catcherPort(place), ["--folder", folder, "--smtp-port", "0"]);
}

/** A stand-in as a child: its own program, which ends when this one does, however it ends. */
async function startStandIn(
  name: string,
  words: string,
  port: number | undefined,
  options: readonly string[],
): Promise<StandIn> {
  const script = join(import.meta.dirname, "..", "..", name, "main.ts");
  for (const chosen of port === undefined ? [0] : [port, 0]) {
    const child = spawn(
      process.execPath,
      [script, ...options, "--port", String(chosen), "--die-with", String(process.pid)],
      { stdio: ["ignore", "pipe", "ignore"], detached: true },
    );
    const line = await Promise.race([
      once(createInterface(child.stdout), "line"),
      once(child, "exit").then(() => undefined),
    ]);
    if (line) return { ...JSON.parse(String(line[0])), stop: () => child.kill("SIGTERM") };
  }
  throw new SetupError(`no_${name}`, `The ${words} did not start.`, `Run 'npx lockstep ${name}' to see why.`);
}
