import { styleText } from "node:util";
import { type Command, Option } from "commander";
import { type App, explainDatabaseError, openApp } from "../app.ts";
import type { Account } from "../domain/accounts/account.ts";
import { listAccounts } from "../domain/accounts/create-account.ts";
import { type AccountContext, inAccount } from "../domain/context.ts";
import { type Config, ConfigError, loadConfig } from "../platform/config.ts";
import {
  ConflictError,
  describeError,
  InvalidInputError,
  NotFoundError,
  ProductError,
  SetupError,
} from "../platform/errors.ts";
import { isDemo } from "./demo-mark.ts";
import { interruptedExitCode, untilInterrupted } from "./interrupt.ts";

/** Exit codes, for scripts: the same for every command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, held: 3, setup: 4, notFound: 5 } as const;

export interface GlobalOptions {
  readonly json?: boolean;
  readonly account?: string;
}

/** What a command may use: the program, and how to speak. */
export interface Shell {
  readonly app: App;
  readonly options: GlobalOptions;
  readonly isTerminal: boolean;
  /** Text for people; nothing when JSON was asked for. */
  say(text: string): void;
  /** The result: JSON when asked for, else what `text` makes of it. */
  result<T>(value: T, text: (value: T) => string): void;
}

/** Adds a command that needs the program: opens it, runs, closes it, whatever happens. */
export function appCommand(
  parent: Command,
  name: string,
  description: string,
  run: (shell: Shell, ...args: never[]) => Promise<number>,
  overrides: Partial<Record<keyof Config, string>> = {},
): Command {
  return parent
    .command(name)
    .description(description)
    .addOption(new Option("--json", "print JSON"))
    .addOption(new Option("--account <id or name>", "which account, where there are several"))
    .action(async (...args: unknown[]) => {
      const command = args.at(-1) as Command;
      const options = command.optsWithGlobals<GlobalOptions>();
      process.exitCode = await guarded(async () => {
        const config = loadCliConfig({ logLevel: process.env.LOCKSTEP_LOG_LEVEL ?? "error", ...overrides });
        const app = await openApp(config);
        try {
          const code = await untilInterrupted(run(makeShell(app, options), ...(args.slice(0, -1) as never[])));
          return code === "interrupted" ? interruptedExitCode : code;
        } finally {
          await app.close();
        }
      }, options);
    });
}

/** Settings of a command. In a demo's data folder the bridge and webhooks lead to this machine, which only the demo allows. */
export function loadCliConfig(overrides: Partial<Record<keyof Config, string>>): Config {
  const config = loadConfig(process.env, overrides);
  return isDemo(config)
    ? loadConfig(process.env, { ...overrides, allowPrivateAms: "true", allowPrivateWebhooks: "true" })
    : config;
}

function makeShell(app: App, options: GlobalOptions): Shell {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  return {
    app,
    options,
    isTerminal: process.stdout.isTTY === true && !options.json,
    say: (text) => (options.json ? undefined : print(text)),
    result: (value, text) => print(options.json ? JSON.stringify(value, null, 2) : text(value)),
  };
}

/** The account a command works in: the only one, or the one named. @throws ProductError when that is not clear */
export async function accountOf(shell: Shell): Promise<AccountContext> {
  const accounts = await listAccounts(shell.app.ctx);
  const wanted = shell.options.account;
  const found =
    wanted === undefined ? accounts : accounts.filter((account) => account.id === wanted || account.name === wanted);
  const [account] = found;
  if (account && found.length === 1) return inAccount(shell.app.ctx, account.id, commandLineActor());
  if (accounts.length === 0)
    throw new ProductError(
      "no_account",
      "There is no account yet.",
      "Make one: lockstep account create <name>, or start the demo: npm start.",
    );
  const names = accounts.map((one: Account) => `  ${one.id}  ${one.name}`).join("\n");
  if (wanted !== undefined && found.length === 0)
    throw new NotFoundError("account", wanted, `Name one of these with --account:\n${names}`);
  const many =
    wanted === undefined ? `There are ${accounts.length} accounts` : `${found.length} accounts are called '${wanted}'`;
  throw new ProductError("which_account", `${many}:\n${names}`, "Name one by its id with --account.");
}

export function commandLineActor(): string {
  return `command line (${process.env.USER ?? process.env.LOGNAME ?? "unknown"})`;
}

/** Runs a command and turns what it throws into a sentence and an exit code. */
export async function guarded(run: () => Promise<number>, options: GlobalOptions = {}): Promise<number> {
  try {
    return await run();
  } catch (thrown) {
    const error = explainDatabaseError(thrown);
    const known = error instanceof ProductError;
    const message = known ? error.message : `Something went wrong inside Lockstep: ${describeError(error)}`;
    const wayOut = known ? error.wayOut : "";
    if (options.json)
      process.stderr.write(`${JSON.stringify({ error: known ? error.code : "internal", message, wayOut })}\n`);
    else process.stderr.write(`${styleText("red", message)}\n${wayOut === "" ? "" : `${wayOut}\n`}`);
    return exitCodeOf(error);
  }
}

/** The one table from error to exit code. */
function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError || error instanceof SetupError) return exitCodes.setup;
  if (error instanceof InvalidInputError) return exitCodes.usage;
  if (error instanceof NotFoundError) return exitCodes.notFound;
  if (error instanceof ConflictError) return exitCodes.failed;
  return error instanceof ProductError ? exitCodes.usage : exitCodes.failed;
}
