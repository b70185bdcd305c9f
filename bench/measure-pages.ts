import { setTimeout as wait } from "node:timers/promises";
import { openSlowly } from "./browser.ts";
import { folder, people, report, say } from "./figures.ts";
import { install, open } from "./installation.ts";
import { ask, pageQuestions, seedPages, sessionOf } from "./pages.ts";
import { idleMb, percentile, startLockstep, startSimulatorProcess } from "./processes.ts";

/** How long the server needs for what pages ask, on an account of a year with many groups and people. */
export async function measurePages(): Promise<void> {
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

export async function measureStart(): Promise<void> {
  say("start on an existing data folder");
  const dataDir = folder("demo");
  const firstRun = await startLockstep(dataDir, () => "", "demo");
  await wait(110_000); // the demo's first syncs, and the first measuring of the audience, by the minute's schedule
  await firstRun.stop();
  const times: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const app = await startLockstep(dataDir, () => "", "demo");
    times.push(app.readyMs / 1000);
    for (let look = 0; round === 2 && look < 12; look += 1) {
      await wait(10_000);
      idle.push(idleMb(app.pid, dataDir));
    }
    await app.stop();
  }
  report(
    "`npm start` on an existing data folder until ready",
    `${percentile(times, 0.5).toFixed(2)} s`,
    "under 3 s",
    percentile(times, 0.5) < 3,
  );
  const [usual, most] = [percentile(idle, 0.5), Math.max(...idle)];
  report(
    "idle memory of Lockstep with its database, over two minutes",
    `${usual.toFixed(0)} MB, at most ${most.toFixed(0)} MB while the minute's jobs run`,
    "under 250 MB",
    usual < 250,
  );
}
