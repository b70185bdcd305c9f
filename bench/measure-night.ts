import { setTimeout as wait } from "node:timers/promises";
import { people, report, say } from "./figures.ts";
import { finish, install, open } from "./installation.ts";
import { type LockstepProcess, percentile, startSimulatorProcess } from "./processes.ts";

export async function measureNight(): Promise<void> {
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
