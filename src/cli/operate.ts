import { spawn } from "node:child_process";
import { once } from "node:events";
import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { styleText } from "node:util";
import { type Command, Option } from "commander";
import { openApp } from "../app.ts";
import type { ApiKeyId } from "../domain/accounts/account.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "../domain/accounts/api-keys.ts";
import { createAccount, listAccounts } from "../domain/accounts/create-account.ts";
import { roles } from "../domain/accounts/permissions.rules.ts";
import { configureBridge } from "../domain/bridges/configure-bridge.ts";
import { findBridge } from "../domain/bridges/get-bridge.ts";
import { inAccount } from "../domain/context.ts";
import { measureQueue } from "../domain/syncs/queue.ts";
import { testConnection } from "../domain/syncs/test-connection.ts";
import { verifyData } from "../domain/syncs/verify.ts";
import type { TargetGroup } from "../domain/target-groups/target-group.ts";
import { loadConfig } from "../platform/config.ts";
import { describeError, InvalidInputError } from "../platform/errors.ts";
import { accountOf, appCommand, commandLineActor, exitCodes, guarded, loadCliConfig, type Shell } from "./command.ts";
import { number } from "./follow-sync.ts";
import { listAllGroups } from "./list-groups.ts";
import { runUntilStopped, startServing } from "./serve.ts";
import { measureWorkers } from "./workers.ts";

/** Commands that run processes of Lockstep. */
export function addProcesses(program: Command): void {
  const run = (parts: { web: boolean; worker: boolean }) =>
    guarded(async () => {
      const config = loadConfig(process.env);
      const serving = await startServing(config, parts);
      serving.app.ctx.log.info({ address: serving.address, ...parts }, "Lockstep is up");
      await runUntilStopped(serving, config.stopMs);
      return exitCodes.ok;
    });
  program
    .command("serve")
    .description("run the web part, and the worker with it")
    .option("--no-worker", "the web part alone; workers run elsewhere")
    .action(async (options: { worker: boolean }) => {
      process.exitCode = await run({ web: true, worker: options.worker });
    });
  program
    .command("worker")
    .description("run a worker; several share the work")
    .action(async () => {
      process.exitCode = await run({ web: false, worker: true });
    });
  program
    .command("simulator")
    .description("run netFORUM Pro's stand-in alone; --help shows its options")
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]")
    .action(async (_: string[], __: object, command: Command) => {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, "..", "..", "simulator", "main.ts"), ...command.args],
        { stdio: "inherit" },
      );
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
      const [code] = await once(child, "exit");
      process.exitCode = code ?? 0;
    });
}

/** Commands that look after an installation. */
export function addOperations(program: Command): void {
  appCommand(program, "migrate", "bring the database's schema up", async (shell: Shell) => {
    shell.result({ done: true }, () => "The schema is up to date.");
    return exitCodes.ok;
  });
  appCommand(program, "verify", "check the data against its own rules", async (shell: Shell) => {
    const findings = await verifyData(shell.app.ctx, (rule) => shell.say(`  checking: ${rule}`));
    shell.result(findings, (found) =>
      found.length === 0
        ? "All is well."
        : found.map((one) => `${styleText("red", one.rule)}: ${one.message}`).join("\n"),
    );
    return findings.length === 0 ? exitCodes.ok : exitCodes.failed;
  });
  program
    .command("doctor")
    .description("what is configured, reachable and healthy, and how to mend what isn't")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      process.exitCode = await runDoctor(options.json ?? false);
    });
}

interface Diagnosis {
  readonly what: string;
  readonly state: "ok" | "warning" | "broken";
  readonly message: string;
}

const leastFreeBytes = 2 * 1024 ** 3;

async function runDoctor(json: boolean): Promise<number> {
  const found: Diagnosis[] = [];
  const look = async (what: string, run: () => Promise<Omit<Diagnosis, "what">>) => {
    const seen = await run().catch((error) => ({ state: "broken" as const, message: describeError(error) }));
    found.push({ what, ...seen });
    const colour = { ok: "green", warning: "yellow", broken: "red" } as const;
    if (!json)
      process.stdout.write(`${styleText(colour[seen.state], seen.state.padEnd(8))} ${what}: ${seen.message}\n`);
  };
  await look("program", async () => ({ state: "ok", message: `Node ${process.version}` }));
  const code = await guarded(
    async () => {
      const config = loadCliConfig({ logLevel: "silent" });
      await look("settings", async () => ({
        state: "ok",
        message: config.databaseUrl
          ? "database by LOCKSTEP_DATABASE_URL"
          : `embedded database in ${resolve(config.dataDir)}`,
      }));
      const app = await openApp(config);
      try {
        if (app.isEmbedded)
          await look("disk", async () => {
            const { bavail, bsize } = await statfs(resolve(config.dataDir));
            const free = bavail * bsize;
            return {
              state: free < leastFreeBytes ? "warning" : "ok",
              message: `${(free / 1024 ** 3).toFixed(1)} GiB free${free < leastFreeBytes ? ": a sync of a million people needs 2" : ""}`,
            };
          });
        await look("database", async () => {
          const began = performance.now();
          await app.ctx.db.ping();
          return {
            state: "ok",
            message: `answers in ${(performance.now() - began).toFixed(1)} ms; its schema is up to date`,
          };
        });
        await look("workers", async () => {
          const [workers, queue] = [await measureWorkers(app.ctx), await measureQueue(app.ctx)];
          const open = queue.states.map(({ state, syncs }) => `${syncs} ${state}`).join(", ") || "no open syncs";
          if (workers > 0) return { state: "ok", message: `${workers} running; ${open}` };
          const isStuck = queue.states.some(({ state }) => state !== "held");
          return {
            state: isStuck ? "broken" : "warning",
            message: `none runs, so no sync and no Nightly Sync will; ${open}: start one with lockstep serve or lockstep worker`,
          };
        });
        for (const account of await listAccounts(app.ctx)) {
          await look(`bridge of ${account.name}`, async () => {
            const ctx = inAccount(app.ctx, account.id, commandLineActor());
            const bridge = await findBridge(ctx);
            if (!bridge) return { state: "warning", message: "not set up: lockstep bridge set" };
            if (!bridge.isActive)
              return { state: "warning", message: "switched off; switch it on: lockstep bridge set --active yes" };
            if (bridge.health.needsAttentionReason)
              return {
                state: "broken",
                message: `${bridge.health.needsAttentionReason} Save the right ones: lockstep bridge set --user … --password-stdin`,
              };
            const report = await testConnection(ctx, AbortSignal.timeout(60_000));
            const trouble = report.steps.find((step) => step.outcome !== "ok");
            if (trouble) {
              const state = trouble.outcome === "failed" ? "broken" : "warning";
              return { state, message: `${trouble.title}: ${trouble.message}` };
            }
            return {
              state: "ok",
              message: `${bridge.baseUrl} answers; list last synced ${bridge.listSyncedAt ?? "never"}`,
            };
          });
        }
      } finally {
        await app.close();
      }
      return exitCodes.ok;
    },
    { json },
  );
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  if (code !== exitCodes.ok) return code;
  return found.some((one) => one.state === "broken") ? exitCodes.failed : exitCodes.ok;
}

/** Accounts, keys, the bridge and the groups. */
export function addAccounts(program: Command): void {
  const account = program.command("account").description("accounts of this installation");
  appCommand(account, "create", "make an account", async (shell: Shell, name: string, options: { zone: string }) => {
    shell.result(
      await createAccount(shell.app.ctx, name, options.zone, commandLineActor()),
      (made) => `${made.id}  ${made.name}`,
    );
    return exitCodes.ok;
  })
    .argument("<name>")
    .option("--zone <IANA name>", "its time zone", Temporal.Now.timeZoneId());
  appCommand(account, "list", "all accounts", async (shell: Shell) => {
    shell.result(await listAccounts(shell.app.ctx), (all) =>
      all.map((one) => `${one.id}  ${one.name}  ${one.timeZone}`).join("\n"),
    );
    return exitCodes.ok;
  });
  const key = program.command("api-key").description("keys for the HTTP API");
  appCommand(
    key,
    "create",
    "make a key; it is shown this once",
    async (shell: Shell, name: string, options: { role: string }) => {
      const role = roles.find((known) => known === options.role);
      if (!role) throw new InvalidInputError([{ path: "--role", message: `write one of ${roles.join(", ")}` }]);
      shell.result(await createApiKey(await accountOf(shell), name, role), (made) => made.token);
      return exitCodes.ok;
    },
  )
    .argument("<name>")
    .option("--role <role>", roles.join(", "), "administrator");
  appCommand(key, "list", "keys, without what is secret", async (shell: Shell) => {
    shell.result(await listApiKeys(await accountOf(shell)), (all) =>
      all
        .map(
          (one) =>
            `${one.id}  ${one.hint}  ${one.name}  ${one.revokedAt ? `revoked ${one.revokedAt}` : `last used ${one.lastUsedAt ?? "never"}`}`,
        )
        .join("\n"),
    );
    return exitCodes.ok;
  });
  appCommand(key, "revoke", "revoke a key, at once", async (shell: Shell, id: string) => {
    await revokeApiKey(await accountOf(shell), id as ApiKeyId);
    shell.result({ revoked: id }, () => "Revoked.");
    return exitCodes.ok;
  }).argument("<id>");
  const bridge = program.command("bridge").description("the connection to the AMS");
  appCommand(bridge, "set", "set up or change the bridge", setBridge)
    .option("--url <url>", "base address of the site")
    .option("--user <name>")
    .option("--password-stdin", "read the password from standard input")
    .addOption(new Option("--active <yes|no>", "whether anything may call the AMS").choices(["yes", "no"]))
    .option("--sessions <n>", "sessions at once")
    .option("--nightly-hour <0-23>");
  appCommand(bridge, "test", "Test connection: try everything that the bridge needs", async (shell: Shell) => {
    const report = await testConnection(await accountOf(shell), AbortSignal.timeout(120_000));
    const marks = { ok: styleText("green", "✓"), failed: styleText("red", "✗"), skipped: "·" };
    shell.result(report, ({ steps }) =>
      steps.map((step) => `${marks[step.outcome]} ${step.title}: ${step.message}`).join("\n"),
    );
    return report.ok ? exitCodes.ok : exitCodes.failed;
  });
  appCommand(
    program,
    "groups",
    "target groups with their counts",
    async (shell: Shell, options: { search?: string }) => {
      shell.result(await listAllGroups(await accountOf(shell), options.search), (groups) =>
        groups.length === 0
          ? "There are none. Bring the list in step: lockstep sync list --wait"
          : groups.map(groupLine).join("\n"),
      );
      return exitCodes.ok;
    },
  ).option("--search <text>", "part of the name");
}

function groupLine(group: TargetGroup): string {
  const counted =
    group.countState === "not_yet_counted"
      ? "not yet counted"
      : `${group.countState === "error" ? "error, last good read" : "counted at"} ${group.countedAt ?? "never"}`;
  const missing = group.missingSince ? "  missing in netFORUM Pro" : "";
  return `${group.id}  ${group.name.padEnd(44).slice(0, 44)} ${number(group.counts.sendable).padStart(11)} sendable  ${counted}${missing}`;
}

async function setBridge(
  shell: Shell,
  options: {
    url?: string;
    user?: string;
    passwordStdin?: boolean;
    active?: string;
    sessions?: string;
    nightlyHour?: string;
  },
): Promise<number> {
  const ctx = await accountOf(shell);
  let password: string | undefined;
  if (options.passwordStdin) {
    password = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) password += chunk;
    password = password.replace(/\r?\n$/, "");
  }
  const whole = (name: string, text: string | undefined) => {
    if (text !== undefined && !/^\d{1,4}$/.test(text))
      throw new InvalidInputError([{ path: name, message: `'${text}' is no whole number` }]);
    return text === undefined ? undefined : Number(text);
  };
  const bridge = await configureBridge(ctx, {
    baseUrl: options.url,
    userName: options.user,
    password,
    isActive: options.active === undefined ? undefined : options.active === "yes",
    sessionLimit: whole("--sessions", options.sessions),
    nightlyHour: whole("--nightly-hour", options.nightlyHour),
  });
  shell.result(
    bridge,
    (saved) =>
      `Saved: ${saved.baseUrl} as ${saved.userName}, ${saved.isActive ? "active" : "switched off"}. Try it: lockstep bridge test`,
  );
  return exitCodes.ok;
}
