import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const program = `
  import { writeSync } from "node:fs";
  import { armCrashPoint, crashPoint } from ${JSON.stringify(join(import.meta.dirname, "crash-point.ts"))};
  if (process.argv[1]) armCrashPoint(process.argv[1]);
  process.on("exit", () => writeSync(1, " exit"));
  for (const passing of [1, 2, 3]) {
    crashPoint("sync.after_stage");
    writeSync(1, String(passing));
    crashPoint("sync.before_commit");
  }`;

/** Runs a process that passes two points three times each, in turn. */
function pass(name: string): { said: string; signal: NodeJS.Signals | null } {
  const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", program, name], {
    encoding: "utf8",
  });
  return { said: stdout, signal };
}

test.each([
  ["", "123 exit", null],
  ["sync.after", "123 exit", null],
  ["sync.after_stage", "", "SIGKILL"],
  ["sync.after_stage#3", "12", "SIGKILL"],
  ["sync.after_stage#4", "123 exit", null],
  ["sync.before_commit#1", "1", "SIGKILL"],
])("1.2 a crash point armed as '%s' lets the process come as far as '%s'", (name, said, signal) => {
  expect(pass(name)).toEqual({ said, signal });
});
