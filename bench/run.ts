import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { openSlowly } from "./browser.ts";
import { measureDatabase } from "./database-limit.ts";
import { measureSending } from "./delivery.ts";
import { watchSending } from "./delivery-memory.ts";
import { measureFreezing } from "./freezing.ts";
import { ask, makeUser, pageQuestions, seedPages, sessionOf, watchSignIns } from "./pages.ts";
import {
  idleMb,
  type LockstepProcess,
  lockstep,
  percentile,
  startLockstep,
  startSimulatorProcess,
} from "./processes.ts";
import { bareParse, fields, parseAndCheck, prepareLines, recordAnswer } from "./reading.ts";
import { trackActivity } from "./tracking.ts";
import { callsEach, countTwice, measureCalls, sendBack } from "./writebacks.ts";

/** Measures every figure against a limit of the same run and writes docs/benchmarks.md. `--people 100000` for a quick look. */
const people = Number(process.argv[process.argv.indexOf("--people") + 1]) || 1_000_000;
const temp = mkdtempSync(join(tmpdir(), "lockstep-bench-"));
chmodSync(temp, 0o755); // the server's own user reaches it: no data are put elsewhere, and left there
const folder = (name: string) => join(temp, name);
const rows: string[][] = [];
const say = (text: string) => process.stdout.write(`${text}\n`);

function report(figure: string, measured: string, bar: string, isMet: boolean): void {
  rows.push([figure, measured, bar, isMet ? "yes" : "**no**"]);
  say(`${isMet ? "met  " : "UNMET"}  ${figure}: ${measured} (${bar})`);
}

interface Sync {
  readonly id: string;
  readonly state: string;
  readonly rowsRead: number;
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
  readonly errorMessage: string | null;
}

interface Installation {
  readonly dataDir: string;
  readonly key: string;
}

function install(name: string, url: string, sessions = 1): Installation {
  const dataDir = folder(name);
  lockstep(dataDir, "account", "create", "Bench", "--zone", "UTC");
  lockstep(
    dataDir,
    "bridge",
    "set",
    "--url",
    url,
    "--user",
    "lockstep",
    "--password-stdin",
    "--sessions",
    String(sessions),
  );
  return { dataDir, key: lockstep(dataDir, "api-key", "create", "bench") };
}

const open = ({ dataDir, key }: Installation) => startLockstep(dataDir, () => key);

async function finish(app: LockstepProcess, asked: { sync: Sync }): Promise<Sync> {
  for (;;) {
    const { sync } = await app.api<{ sync: Sync }>("GET", `/syncs/${asked.sync.id}`);
    if (["succeeded", "failed", "held", "cancelled"].includes(sync.state)) {
      if (sync.state !== "succeeded") throw new Error(`a sync ${sync.state}: ${sync.errorMessage}`);
      return sync;
    }
    await wait(100);
  }
}

async function prepareGroup(app: LockstepProcess, name: string): Promise<string> {
  await finish(app, await app.api("POST", "/bridge/refresh"));
  for (const field of fields) await app.api("PATCH", `/personalization-fields/${field}`, { isKept: true });
  const found = await app.api<{ items: { id: string; name: string }[] }>(
    "GET",
    `/target-groups?search=${encodeURIComponent(name)}`,
  );
  return found.items.find((group) => group.name === name)?.id ?? "";
}

async function timedSync(app: LockstepProcess, group: string): Promise<{ sync: Sync; seconds: number }> {
  const began = performance.now();
  const sync = await finish(app, await app.api("POST", `/target-groups/${group}/resync`));
  return { sync, seconds: (performance.now() - began) / 1000 };
}

/** Asks the API for one target group every 50 ms until told to stop; the loop's delay is that of the whole time. */
function watch(app: LockstepProcess, group: string) {
  const answers: number[] = [];
  let isOn = true;
  const loop = (async () => {
    while (isOn) {
      const began = performance.now();
      await app.api("GET", `/target-groups/${group}`);
      answers.push(performance.now() - began);
      await wait(50);
    }
  })();
  return {
    async stop() {
      isOn = false;
      await loop;
      const delay = (await app.metric("nodejs_eventloop_lag_p99_seconds")) * 1000;
      return { p95: percentile(answers, 0.95), delay };
    },
  };
}

async function measureSyncs(): Promise<void> {
  const simulator = await startSimulatorProcess({ members: people });
  await simulator.admin("/jobs", { resize: { name: "All members", size: people } });
  await simulator.admin("/jobs", { add: { name: "Tenth", size: people / 10 } });
  const { jobs } = (await simulator.admin("")) as unknown as { jobs: { name: string; key: string }[] };
  const key = jobs.find((job) => job.name === "All members")?.key ?? "";

  say("recording the answer, and reading it alone");
  const answer = folder("answer.xml");
  await recordAnswer(simulator.url, key, answer);
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    bare.push(await bareParse(answer));
    ours.push(await parseAndCheck(answer));
  }
  const [bareTime, ourTime] = [percentile(bare, 0.5), percentile(ours, 0.5)];
  const megabytes = statSync(answer).size / 1e6;
  report(
    "reading alone, against a bare parse of the same bytes",
    `${Math.round((100 * bareTime) / ourTime)} % (${(people / ourTime).toFixed(0)} rows/s; bare ${(people / bareTime).toFixed(0)}, ${(megabytes / bareTime).toFixed(0)} MB/s)`,
    "70 %",
    bareTime / ourTime >= 0.7,
  );

  say("the database's own limit");
  const prepared = folder("rows.copy");
  const out = createWriteStream(prepared);
  await prepareLines(answer, (text) => (out.write(text) ? undefined : once(out, "drain")));
  out.end();
  await once(out, "finish");
  rmSync(answer);
  const limit = await measureDatabase(folder("limit"), prepared);
  const limitSeconds = limit.copy + limit.merge + limit.membership;
  rmSync(folder("limit"), { recursive: true });

  say("first sync of a tenth, for its memory");
  const small = install("small", simulator.url);
  const smallApp = await open(small);
  await timedSync(smallApp, await prepareGroup(smallApp, "Tenth"));
  const smallPeak = smallApp.peakMb();
  await smallApp.stop();

  say("first sync of everybody");
  const large = install("large", simulator.url);
  const app = await open(large);
  const group = await prepareGroup(app, "All members");
  await app.metric("nodejs_eventloop_lag_p99_seconds");
  const watching = watch(app, group);
  const first = await timedSync(app, group);
  const meanwhile = await watching.stop();
  const peak = app.peakMb();
  const rate = first.sync.rowsRead / first.seconds;
  report(
    `first sync of ${people} people × 12 fields, against the database's limit`,
    `${Math.round((100 * limitSeconds) / first.seconds)} % (${rate.toFixed(0)} rows/s in ${first.seconds.toFixed(1)} s; limit ${limitSeconds.toFixed(1)} s: COPY ${limit.copy.toFixed(1)}, merge ${limit.merge.toFixed(1)}, membership ${limit.membership.toFixed(1)})`,
    "60 %",
    limitSeconds / first.seconds >= 0.6,
  );
  report(
    "peak memory at all people, against a tenth of them",
    `${(peak / smallPeak).toFixed(2)} × (${peak.toFixed(0)} MB; ${smallPeak.toFixed(0)} MB)`,
    "at most 1.25 ×, under 250 MB",
    peak / smallPeak <= 1.25 && peak < 250,
  );
  report("event-loop delay p99 meanwhile", `${meanwhile.delay.toFixed(1)} ms`, "under 30 ms", meanwhile.delay < 30);
  report(
    "API p95 for one target group meanwhile",
    `${meanwhile.p95.toFixed(1)} ms`,
    "under 100 ms",
    meanwhile.p95 < 100,
  );

  say("re-sync with nothing changed");
  const before = await countWrites(large.dataDir);
  // Beside a sync whose memory is not measured: judging a password takes some of its own.
  const signingIn = watchSignIns(app, makeUser(large.dataDir));
  const same = await timedSync(app, group);
  const signIn = await signingIn();
  const written = (await countWrites(large.dataDir)) - before;
  report(
    "re-sync with nothing changed: rows written",
    `${written} (in ${same.seconds.toFixed(1)} s)`,
    "0",
    written === 0,
  );

  report("sign-in p95 meanwhile", `${signIn.toFixed(0)} ms`, "under 500 ms", signIn < 500);

  say("re-sync with 1 % changed");
  await simulator.admin("/day", { advance: 1 });
  const again = await timedSync(app, group);
  const changed = again.sync.updated + again.sync.added + again.sync.removed;
  report(
    "re-sync with 1 % changed, against the first sync",
    `${(first.seconds / again.seconds).toFixed(2)} × (${(again.sync.rowsRead / again.seconds).toFixed(0)} rows/s; ${changed} people changed, came or went)`,
    "1.5 ×",
    first.seconds / again.seconds >= 1.5,
  );
  await app.stop();
  await simulator.stop();
}

/** Rows ever inserted, updated or deleted in the two tables, by the server's own count. */
async function countWrites(dataDir: string): Promise<number> {
  await wait(1500); // sessions hand in their counts after a moment
  const host = join(dataDir, "postgres", "socket");
  const client = new pg.Client({ host, user: "postgres", database: "lockstep" });
  await client.connect();
  const { rows } = await client.query(
    "select sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 as written from pg_stat_user_tables where relname in ('subscriber', 'membership')",
  );
  await client.end();
  return rows[0].written;
}

async function measureWritebacks(): Promise<void> {
  const count = Math.min(100_000, people / 10);
  const latency = 20;
  const sessions = 4;
  say(`${count} writebacks`);
  const simulator = await startSimulatorProcess({ members: 2 * count, groups: 1, "group-size": 2 * count });
  const installation = install("writebacks", simulator.url, sessions);
  const app = await open(installation);
  await timedSync(app, await prepareGroup(app, "Group 0001"));
  await simulator.admin("/settings", { latencyMs: latency });
  // Before and after, since a machine with neighbours is not the same from minute to minute.
  const before = await measureCalls(simulator.url, sessions, 10);
  const rate = await sendBack(app, simulator, installation.dataDir, count);
  const limit = (before + (await measureCalls(simulator.url, sessions, 10))) / 2 / callsEach;
  const twice = await countTwice(simulator.url);
  report(
    `${count} writebacks, ${sessions} sessions, ${latency} ms latency, 5 % faults`,
    `${Math.round((100 * rate) / limit)} % of what bare calls without faults do (${rate.toFixed(0)} people/s; ${limit.toFixed(0)}); ${twice} made twice`,
    "80 %, none twice",
    rate / limit >= 0.8 && twice === 0,
  );
  await app.stop();
  await simulator.stop();
}

async function measureNight(): Promise<void> {
  const groups = people / 500;
  const latency = 20;
  const sessions = 4;
  say(`Nightly Sync of ${groups} groups`);
  const simulator = await startSimulatorProcess({
    members: 1_000_000,
    groups,
    "group-size": 500,
    "latency-ms": latency,
  });
  const installation = install("night", simulator.url, sessions);
  const app = await open(installation);
  await finish(app, await app.api("POST", "/bridge/refresh"));
  const first = await timedNight(app, simulator);
  say(`the first night, which brings everybody in: ${first.seconds.toFixed(1)} s`);
  await simulator.admin("/day", { advance: 1 });
  const { seconds, calls } = await timedNight(app, simulator);
  const own = (calls * latency) / sessions / 1000;
  report(
    `Nightly Sync of ${groups} groups of 500 after a day's drift, ${sessions} sessions, ${latency} ms latency`,
    `${(seconds / own).toFixed(2)} × the AMS's own time (${seconds.toFixed(1)} s; ${calls} calls, ${own.toFixed(1)} s; the first night, with everybody new, ${first.seconds.toFixed(1)} s)`,
    "under 2 ×",
    seconds / own < 2,
  );
  const times: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const start = performance.now();
    let next: string | null = "";
    let listed = 0;
    while (next !== null && listed < 200) {
      const page: { items: unknown[]; next: string | null } = await app.api(
        "GET",
        `/target-groups?limit=200${next ? `&cursor=${next}` : ""}`,
      );
      listed += page.items.length;
      next = page.next;
    }
    times.push(performance.now() - start);
  }
  report(
    `list of ${groups} groups by API, p95 of a page of 200`,
    `${percentile(times, 0.95).toFixed(1)} ms`,
    "under 50 ms",
    percentile(times, 0.95) < 50,
  );
  await app.stop();
  await simulator.stop();
}

/** One Nightly Sync on demand, from the request to its end. */
async function timedNight(app: LockstepProcess, simulator: { admin(path: string): Promise<{ callCount: number }> }) {
  const before = (await simulator.admin("")).callCount;
  const began = performance.now();
  const run = await app.api<{ id: string }>("POST", "/nightly-runs");
  for (;;) {
    const { state } = await app.api<{ state: string }>("GET", `/nightly-runs/${run.id}`);
    if (state === "done") break;
    await wait(1000);
  }
  return { seconds: (performance.now() - began) / 1000, calls: (await simulator.admin("")).callCount - before };
}

/** How long the server needs for what pages ask, on an account of a year with many groups and people. */
async function measurePages(): Promise<void> {
  say(`what pages ask: ${people} people, 2000 groups`);
  const simulator = await startSimulatorProcess({ members: 10 });
  const installation = install("pages", simulator.url);
  const app = await open(installation);
  await seedPages(installation.dataDir, people);
  const { items } = await app.api<{ items: { id: string }[] }>("GET", "/target-groups?search=Everybody");
  const big = items[0]?.id ?? "";
  const members = await app.api<{ items: { subscriberId: number }[] }>("GET", `/target-groups/${big}/members?limit=1`);
  for (const question of pageQuestions(big, members.items[0]?.subscriberId ?? 0)) {
    const { p95, slowest } = await ask(app, question, 20);
    const detail = `slowest: ${slowest?.path.replace(big, "…")} ${slowest?.ms.toFixed(0)} ms`;
    report(
      `server p95: ${question.name}`,
      `${p95.toFixed(0)} ms (${detail})`,
      `under ${question.barMs} ms`,
      p95 < question.barMs,
    );
  }
  const session = await sessionOf(app, installation.dataDir);
  for (const [name, path, sight] of [
    ["target group list of 2000 groups", "/target-groups", "tbody tr"],
    [`Count Details of ${people} people`, `/target-groups/${big}`, "h1"],
  ] as const) {
    const { first, again } = await openSlowly(app, session, path, sight, 5);
    report(
      `interactive in a browser slowed down 4 times: ${name}`,
      `${(first / 1000).toFixed(2)} s with nothing cached, ${(again / 1000).toFixed(2)} s the next time`,
      "under 1.5 s",
      first < 1500,
    );
  }
  await app.stop();
  await simulator.stop();
}

async function measureStart(): Promise<void> {
  say("start on an existing data folder");
  const dataDir = folder("demo");
  const firstRun = await startLockstep(dataDir, () => "", "demo");
  await wait(110_000); // the demo's first syncs, and the first measuring of the audience, by the minute's schedule
  await firstRun.stop();
  const times: number[] = [];
  let idle = 0;
  for (let round = 0; round < 3; round += 1) {
    const app = await startLockstep(dataDir, () => "", "demo");
    times.push(app.readyMs / 1000);
    await wait(10_000);
    idle = Math.max(idle, idleMb(app.pid, dataDir));
    await app.stop();
  }
  report(
    "`npm start` on an existing data folder until ready",
    `${percentile(times, 0.5).toFixed(2)} s`,
    "under 3 s",
    percentile(times, 0.5) < 3,
  );
  report("idle memory of Lockstep with its database", `${idle.toFixed(0)} MB`, "under 250 MB", idle < 250);
}

/** A million people are frozen, however small the rest of the run is. */
async function measurePublish(): Promise<void> {
  const frozen = 1_000_000;
  say(`freezing ${frozen} recipients`);
  const { recipients, perSecond, limit } = await measureFreezing(folder("freezing"), frozen);
  report(
    "recipients frozen from a compound of five groups of 200,000, with three values each",
    `${Math.round(perSecond)}/s (${recipients} in ${(recipients / perSecond).toFixed(1)} s; the same rows written with nothing to judge: ${Math.round(limit)}/s)`,
    "100,000/s",
    perSecond >= 100_000,
  );
}

async function measureTracking(): Promise<void> {
  say("opens and clicks come in");
  const dataDir = folder("tracking");
  lockstep(dataDir, "account", "create", "Bench", "--zone", "UTC");
  const app = await startLockstep(dataDir, () => "");
  const { p99, perSecond, wrong, lost } = await trackActivity(app, dataDir, 1000, 20);
  await app.stop();
  report(
    "opens and clicks a second, each committed before it is answered",
    `${perSecond.toFixed(0)}/s, p99 ${p99.toFixed(0)} ms, ${lost} lost, ${wrong} answered wrongly`,
    "1,000/s, p99 under 50 ms, none lost",
    perSecond > 980 && p99 < 50 && lost === 0 && wrong === 0,
  );
}

async function measureDelivery(): Promise<void> {
  say("messages of 10 KB, signed, to a local sink");
  const { ours, theirs, theirsWithKeyObject, bytes } = await measureSending(6000);
  const shown = (rate: number) => `${Math.round(rate)}/s`;
  report(
    "messages of 10 KB with ten values, DKIM by RSA 2048, in a second of the sender's CPU, against the mail library's pool",
    `${(ours / theirs).toFixed(2)} × (${shown(ours)} against ${shown(theirs)}; ${bytes} bytes each; against the pool with a key object, which its documentation doesn't offer, ${(ours / theirsWithKeyObject).toFixed(2)} ×)`,
    "3 ×",
    ours / theirs >= 3,
  );
  say(`memory while sending ${people}`);
  const { earlyMb, peakMb, perSecond, sent } = await watchSending(folder("sending"), people);
  report(
    `memory of \`serve\` while it sends to ${people}`,
    `${peakMb.toFixed(0)} MB (${earlyMb.toFixed(0)} MB in the first tenth; ${shown(perSecond)} with the database and the sink on the same cores; ${sent} sent)`,
    "under 300 MB, flat: at most 1.15 × the first tenth's",
    peakMb < 300 && peakMb <= 1.15 * earlyMb && sent === people,
  );
}

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
