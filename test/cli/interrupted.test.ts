import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { program } from "../harness/worker-process.ts";

test.each(["Target group list", "All members"])(
  "Ctrl-C in the very first start, at '%s', leaves nothing running",
  async (moment) => {
    const folder = await mkdtemp(join(tmpdir(), "lockstep-interrupted-"));
    await chmod(folder, 0o755); // the server's own user reaches it: no data are put elsewhere, and left there
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const child = spawn(program, ["demo"], {
      env: { ...process.env, LOCKSTEP_DATA_DIR: folder, LOCKSTEP_PORT: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exit = once(child, "exit");
    const complaints = text(child.stderr);
    const said: string[] = [];
    const lines = createInterface(child.stdout);
    for await (const line of lines) {
      said.push(line);
      if (line === `❯ ${moment}`) child.kill("SIGINT");
    }
    expect(await exit).toEqual([130, null]);
    expect(said).toContain("Stopping; the next start goes on from here.");
    expect(await complaints).toBe("");
    expect(await commandsNaming(folder)).toEqual([]);
  },
);

/** What runs now, by what stands in its command line. */
async function commandsNaming(folder: string): Promise<readonly string[]> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = processes.map((id) => readFile(join("/proc", id, "cmdline"), "utf8").catch(() => ""));
  return (await Promise.all(commands)).filter((command) => command.includes(folder));
}
