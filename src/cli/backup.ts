import { resolve } from "node:path";
import { styleText } from "node:util";
import { type Command, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { migrationsDirectory, openApp, openDatabase } from "../app.ts";
import { findInstallation, resumeInstallation } from "../domain/installation/installation.ts";
import { settleRestored } from "../domain/installation/settle-restored.ts";
import { verifyData } from "../domain/syncs/verify.ts";
import { systemClock } from "../platform/clock.ts";
import { checkBackup } from "../platform/database/backup/read-backup.ts";
import { type RestoreStep, restoreBackup } from "../platform/database/backup/restore-backup.ts";
import { writeBackup } from "../platform/database/backup/write-backup.ts";
import { createLog } from "../platform/log.ts";
import { appCommand, commandLineActor, exitCodes, guarded, loadCliConfig, type Shell } from "./command.ts";
import { applyErasures, describeErasedAgain, type ErasuresFrom, readErasures } from "./erasures.ts";
import { number } from "./follow-sync.ts";
import { interruptedExitCode, untilInterrupted } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import { size } from "./storage.ts";

/** Who is signed in, and links by mail that are not answered yet: signing out must not be undone by a restore. */
const withoutRowsOf = ["public.user_session", "public.password_link"];

/** Commands that take everything into one file, bring it back, and let a copy go on. */
export function addBackup(program: Command): void {
  appCommand(program, "backup <file>", "write everything into one file, while Lockstep goes on working", backup);
  program
    .command("restore <file>")
    .description("load a backup into an empty data folder or database; sending and writebacks start paused")
    .option("--json", "print JSON")
    .option("--check", "only read the file to its end, and say what is in it")
    .option("--erasures <file>", "erase again whom `person erasures` named of the state that this one replaces")
    .addOption(
      new Option(
        "--replaces <place>",
        "the same, asked of that state: its data folder, or its postgres:// URL",
      ).conflicts("erasures"),
    )
    .action(async (file: string, options: RestoreOptions & { check?: boolean }) => {
      process.exitCode = await guarded(() => (options.check ? check : restore)(file, options), options);
    });
  appCommand(
    program,
    "resume",
    "say that this is the installation that sends: mailings and writebacks go on",
    async (shell: Shell, { nobodyErased }: { readonly nobodyErased?: boolean }) => {
      const isDone = await resumeInstallation(shell.app.ctx, commandLineActor(), nobodyErased);
      shell.result({ resumed: isDone }, () =>
        isDone ? "Mailings and writebacks go on." : "Nothing was paused: mailings and writebacks may leave.",
      );
      return exitCodes.ok;
    },
  ).option("--nobody-erased", "after a restore: nobody was erased since the backup was made, or they are erased again");
}

async function backup(shell: Shell, name: string): Promise<number> {
  const { ctx, database } = shell.app;
  const file = resolve(name);
  const began = performance.now();
  const progress = startProgress(shell.options);
  const { origin, contents, bytes } = await writeBackup(database, file, {
    madeAt: ctx.clock.now(),
    program: packageJson.version,
    installation: (await findInstallation(ctx))?.id ?? null,
    keyId: ctx.secrets.keyId,
    withoutRowsOf,
    onRows: (table, rows) => progress.show(`${table.replace(/^public\./, "")}: ${number(rows)} rows`),
  }).finally(() => progress.end());
  const rows = contents.tables.reduce((sum, table) => sum + table.rows, 0);
  const seconds = (performance.now() - began) / 1000;
  shell.result({ file, bytes, rows, seconds, origin, tables: contents.tables }, () =>
    [
      `${file}: ${number(rows)} rows of ${contents.tables.length} tables, ${size(bytes)}, in ${seconds.toFixed(1)} s.`,
      `Not in it: the key that its secrets are encrypted with (${origin.keyId}: LOCKSTEP_SECRET_KEY, or secret.key in the data folder), who is signed in, reads under way. Keep the key in another place than the backup.`,
    ].join("\n"),
  );
  return exitCodes.ok;
}

async function check(name: string, options: { json?: boolean }): Promise<number> {
  const file = resolve(name);
  const progress = startProgress(options);
  const { origin, contents } = await checkBackup(file, (rows) => progress.show(`${number(rows)} rows`)).finally(() =>
    progress.end(),
  );
  const rows = contents.tables.reduce((sum, table) => sum + table.rows, 0);
  const text = `${file} is whole: ${number(rows)} rows of ${contents.tables.length} tables, as they were at ${origin.madeAt}, by Lockstep ${origin.program}; its secrets need key ${origin.keyId}.`;
  process.stdout.write(
    `${options.json ? JSON.stringify({ file, rows, origin, tables: contents.tables }, null, 2) : text}\n`,
  );
  return exitCodes.ok;
}

const steps: Readonly<Record<RestoreStep, string>> = {
  check: "Checking the file",
  schema: "Making the schema",
  load: "Loading",
  indexes: "Making the indexes",
  keys: "Proving the keys",
  compare: "Comparing with the backup",
};

interface RestoreOptions extends ErasuresFrom {
  readonly json?: boolean;
}

async function restore(name: string, options: RestoreOptions): Promise<number> {
  const file = resolve(name);
  const config = loadCliConfig({ logLevel: "error" });
  // First: a register that can't be read is found out before anything is touched.
  const register = await readErasures(options, config);
  const began = performance.now();
  const progress = startProgress(options);
  const { database, stop } = await openDatabase(config, createLog(config.logLevel));
  let step = "";
  const loading = restoreBackup(database, file, {
    migrationsDirectory,
    onStep: (next) => {
      step = steps[next];
      progress.line(step);
    },
    onRows: (rows) => progress.show(`${step}: ${number(rows)} rows`),
    afterLoad: (client, origin) => settleRestored(client, origin.madeAt, systemClock.now()),
  });
  const done = await untilInterrupted(loading).finally(async () => {
    progress.end();
    await stop();
  });
  if (done === "interrupted") return interruptedExitCode;
  progress.line("Bringing the schema up, checking the data against their own rules");
  const app = await openApp(config);
  try {
    const isKeyKnown = app.ctx.secrets.keyId === done.origin.keyId;
    const erased = register === null || !isKeyKnown ? null : await applyErasures(app, register);
    const findings = await verifyData(app.ctx);
    const rows = done.contents.tables.reduce((sum, table) => sum + table.rows, 0);
    const seconds = (performance.now() - began) / 1000;
    const result = { file, rows, seconds, origin: done.origin, isKeyKnown, findings, erased };
    if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    else {
      const say = (text: string) => process.stdout.write(`${text}\n`);
      say(`Restored ${number(rows)} rows, as they were at ${done.origin.madeAt}, in ${seconds.toFixed(1)} s.`);
      for (const { rule, message } of findings) say(`${styleText("red", rule)}: ${message}`);
      if (!isKeyKnown)
        say(
          styleText(
            "yellow",
            `Its secrets are encrypted with key ${done.origin.keyId}; here is key ${app.ctx.secrets.keyId}. Put back the original's (LOCKSTEP_SECRET_KEY, or secret.key in the data folder), or enter the passwords again.`,
          ),
        );
      if (erased) say(describeErasedAgain(erased, register));
      else
        say(
          styleText(
            "yellow",
            `Whoever was erased on request after ${done.origin.madeAt} is back in it. Erase them again before it goes on: lockstep person erase-again --from FILE (what 'lockstep person erasures' printed of the state that this one replaces), or --of its data folder or database.`,
          ),
        );
      say(
        `Everybody signs in again. Mailings and writebacks are paused; when no other installation sends: lockstep resume${erased ? "" : " (--nobody-erased, if nobody was)"}`,
      );
    }
    return findings.length === 0 ? exitCodes.ok : exitCodes.failed;
  } finally {
    await app.close();
  }
}
