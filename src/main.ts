import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addAccounts } from "./cli/accounts.ts";
import { addBridge } from "./cli/bridge.ts";
import { addDemo } from "./cli/demo.ts";
import { addOperations } from "./cli/operate.ts";
import { addProcesses } from "./cli/processes.ts";
import { addSync } from "./cli/sync.ts";
import { addUsers } from "./cli/users.ts";
import { addWritebacks } from "./cli/writebacks.ts";
import { armCrashPoint } from "./platform/crash-point.ts";

const program = new Command("lockstep")
  .version(packageJson.version)
  .description("Target groups always in step with the association management system.")
  .showHelpAfterError("(--help shows what there is)")
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 failed, 2 wrong use, 3 held (waits for a decision), 4 something outside must be mended, 5 not found.\nSettings come from LOCKSTEP_… variables: docs/operations/configuration.md",
  );
program.configureOutput({ outputError: (text, write) => write(text) }).exitOverride((error) => {
  process.exit(error.exitCode === 0 ? 0 : 2);
});
addDemo(program);
addProcesses(program);
addOperations(program);
addAccounts(program);
addBridge(program);
addUsers(program);
addSync(program);
addWritebacks(program);
if (process.env.LOCKSTEP_CRASH_AT) armCrashPoint(process.env.LOCKSTEP_CRASH_AT);
await program.parseAsync();
// What is still open by now (an idle thread, a kept connection) has nothing left to say.
process.exit();
