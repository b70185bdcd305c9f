import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const root = join(import.meta.dirname, "..");

/** The simulator in a process of its own, as an AMS is. */
export async function startSimulatorProcess(flags: Record<string, number>) {
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(
    process.execPath,
    [join(root, "simulator", "main.ts"), ...args, "--die-with", String(process.pid)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = await once(createInterface(child.stdout), "line");
  const { url } = JSON.parse(line) as { url: string };
  const admin = async (path: string, body?: unknown) =>
    (await (
      await fetch(`${url}/admin${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })
    ).json()) as { callCount: number };
  return { url, admin, stop: () => end(child) };
}

export interface LockstepProcess {
  readonly url: string;
  readonly pid: number;
  readonly readyMs: number;
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Largest resident size so far, in MB. */
  peakMb(): number;
  /** Resident size now, in MB. */
  sizeMb(): number;
  /** Prometheus text as numbers by name. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** A real Lockstep process on a data folder, spoken to over HTTP. */
export async function startLockstep(
  dataDir: string,
  key: () => string,
  command = "serve",
  settings: Readonly<Record<string, string>> = {},
): Promise<LockstepProcess> {
  const port = await freePort();
  const env = {
    ...process.env,
    LOCKSTEP_DATA_DIR: dataDir,
    LOCKSTEP_PORT: String(port),
    LOCKSTEP_ALLOW_PRIVATE_AMS: "true",
    LOCKSTEP_LOG_LEVEL: "error",
    LOCKSTEP_API_RATE: "1000000",
    ...settings,
  };
  const began = performance.now();
  const child = spawn(join(root, "bin", "lockstep"), [command], { env, stdio: ["ignore", "ignore", "inherit"] });
  const base = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${base}/health/ready`).then(
      (reply) => reply.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error("Lockstep did not start");
    await wait(10);
  }
  const readyMs = performance.now() - began;
  const pid = child.pid as number;
  return {
    url: base,
    pid,
    readyMs,
    async api<T>(method: string, path: string, body?: unknown) {
      const reply = await fetch(`${base}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key()}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
      return (await reply.json()) as T;
    },
    peakMb: () => statusMb(pid, "VmHWM"),
    sizeMb: () => statusMb(pid, "VmRSS"),
    async metric(name: string) {
      const text = await (await fetch(`${base}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)`, "m").exec(text)?.[1]);
    },
    stop: () => end(child, "SIGTERM"),
  };
}

/** Runs a CLI command on a data folder. @returns what it printed */
export function lockstep(dataDir: string, ...args: string[]): string {
  const env = { ...process.env, LOCKSTEP_DATA_DIR: dataDir, LOCKSTEP_ALLOW_PRIVATE_AMS: "true" };
  return execFileSync(join(root, "bin", "lockstep"), args, { env, encoding: "utf8", input: "demo" }).trim();
}

async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function statusMb(pid: number, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** Resident size of a process, and what its PostgreSQL's processes take, shared pages counted once. In MB. */
export function idleMb(pid: number, dataDir: string): number {
  const postmaster = Number(readFileSync(join(dataDir, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0]);
  const children = execFileSync("ps", ["-o", "pid=", "--ppid", String(postmaster)], { encoding: "utf8" })
    .trim()
    .split(/\s+/)
    .map(Number);
  const pss = (process: number) => {
    try {
      return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${process}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      return 0; // ended meanwhile
    }
  };
  return statusMb(pid, "VmRSS") + [postmaster, ...children].map(pss).reduce((sum, size) => sum + size, 0);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
