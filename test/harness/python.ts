import { execFileSync } from "node:child_process";
import { test } from "vitest";

/** Debian's own interpreter: its packages, of which `python3-dkim` is one, are for no other. */
const python = "/usr/bin/python3";

/** Runs a script on what its standard input holds as JSON. @returns what it prints, read as JSON */
export function runPython<T>(script: string, input: unknown): T {
  const printed = execFileSync(python, ["-c", script], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(printed) as T;
}

/** A test that needs a module of Debian's Python. Without it, it is left out, and says so; in CI it fails. */
export function testWithPython(module: string): typeof test {
  return (process.env.CI || hasModule(module) ? test : test.skip) as typeof test;
}

function hasModule(module: string): boolean {
  try {
    execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
