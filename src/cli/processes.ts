import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Command } from "commander";
import { loadConfig } from "../platform/config.ts";
import { exitCodes, guarded } from "./command.ts";
import { runUntilStopped, startServing } from "./serve.ts";

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
  addStandIn(program, "simulator", "run netFORUM Pro's stand-in alone; --help shows its options");
  addStandIn(
    program,
    "catcher",
    "run a mail server that keeps what it gets and delivers nothing; --help shows its options",
  );
}

/** A program of its own, in the folder of its name, with the options it has itself. */
function addStandIn(program: Command, name: string, description: string): void {
  program
    .command(name)
    .description(description)
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]")
    .action(async (_: string[], __: object, command: Command) => {
      const script = join(import.meta.dirname, "..", "..", name, "main.ts");
      const child = spawn(process.execPath, [script, ...command.args], { stdio: "inherit" });
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
      const [code] = await once(child, "exit");
      process.exitCode = code ?? 0;
    });
}
