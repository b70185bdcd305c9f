import { once } from "node:events";
import { createWriteStream, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { measureDatabase } from "./database-limit.ts";
import { folder, people, report, say } from "./figures.ts";
import { install, open, prepareGroup, timedSync } from "./installation.ts";
import { makeUser, watchSignIns } from "./pages.ts";
import { type LockstepProcess, percentile, startSimulatorProcess } from "./processes.ts";
import { bareParse, parseAndCheck, prepareLines, recordAnswer } from "./reading.ts";

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

export async function measureSyncs(): Promise<void> {
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
