import { parseArgs } from "node:util";
import { startSimulator } from "./simulator.ts";

const help = `Usage: simulator [--members N] [--seed N] [--port N] [--row-cap N] [--latency-ms N] [--groups N --group-size N]

A stand-in for netFORUM Pro's web service, for demo, tests and benchmarks. Prints its address as one line of JSON.
  --members N      people in the member file (default 100000)
  --seed N         another seed makes other people (default 1)
  --port N         0 takes a free one (default 0)
  --row-cap N      cut every answer silently at N rows
  --latency-ms N   let every call take N milliseconds longer
  --groups N       N messaging jobs of --group-size people each, instead of the demo's
  --die-with PID   stop when that process is gone
`;

const { values } = parseArgs({
  options: {
    members: { type: "string" },
    seed: { type: "string" },
    port: { type: "string" },
    "row-cap": { type: "string" },
    "latency-ms": { type: "string" },
    groups: { type: "string" },
    "group-size": { type: "string" },
    "die-with": { type: "string" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const number = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text);
  process.stderr.write(`--${name} takes a whole number, not '${text}'\n`);
  process.exit(2);
};
const groups = number("groups", values.groups);
const size = number("group-size", values["group-size"]) ?? 500;
const settings = {
  members: number("members", values.members),
  seed: number("seed", values.seed),
  port: number("port", values.port),
  rowCap: number("row-cap", values["row-cap"]),
  latencyMs: number("latency-ms", values["latency-ms"]),
  jobs:
    groups === undefined
      ? undefined
      : Array.from({ length: groups }, (_, at) => ({ name: `Group ${String(at + 1).padStart(4, "0")}`, size })),
};
const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
try {
  const simulator = await startSimulator(given);
  process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
  const stop = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const parent = number("die-with", values["die-with"]);
  if (parent !== undefined) setInterval(() => isAlive(parent) || stop(), 1000).unref();
} catch (error) {
  process.stderr.write(`The simulator can't start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
