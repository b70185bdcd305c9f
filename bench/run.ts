import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { rows, temp } from "./figures.ts";
import { measureDelivery, measurePublish, measureTracking } from "./measure-mailings.ts";
import { measureNight } from "./measure-night.ts";
import { measurePages, measureStart } from "./measure-pages.ts";
import { measureSyncs } from "./measure-syncs.ts";
import { measureWritebacks } from "./measure-writebacks.ts";

/** Measures every figure against a limit of the same run and writes docs/benchmarks.md. `--people 100000` for a quick look. */
const parts = {
  delivery: measureDelivery,
  publish: measurePublish,
  syncs: measureSyncs,
  night: measureNight,
  writebacks: measureWritebacks,
  pages: measurePages,
  start: measureStart,
  tracking: measureTracking,
};
const only = process.argv.filter((argument) => argument in parts);
try {
  for (const [name, measure] of Object.entries(parts)) if (only.length === 0 || only.includes(name)) await measure();
} finally {
  rmSync(temp, { recursive: true, force: true });
}
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ${execFileSync("uname", ["-sr"], { encoding: "utf8" }).trim()}, Node ${process.version}`;
const table = [
  "| figure | measured | bar | met |",
  "|---|---|---|---|",
  ...rows.map((row) => `| ${row.join(" | ")} |`),
].join("\n");
const file = join(import.meta.dirname, "..", "docs", "benchmarks.md");
const notes =
  /<!-- notes -->[\s\S]*/.exec(readFileSync(file, { encoding: "utf8", flag: "a+" }))?.[0] ?? "<!-- notes -->\n";
if (only.length === 0) {
  writeFileSync(
    file,
    `# Benchmarks\n\nWritten by \`npm run bench\`. Each figure stands beside a limit measured in the same run, on the same machine: ${machine}. The simulator runs in a process of its own and shares the cores.\n\n${table}\n\n${notes}`,
  );
}
