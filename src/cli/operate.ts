import { styleText } from "node:util";
import type { Command } from "commander";
import { verifyData } from "../domain/syncs/verify.ts";
import { appCommand, exitCodes, type Shell } from "./command.ts";
import { runDoctor } from "./doctor.ts";

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
