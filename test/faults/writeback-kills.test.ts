import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { createWritebackWorld, expectOnceEach, untilAllSent } from "./writeback-world.ts";

test.each([
  "writeback.after_take",
  "writeback.before_flag#7",
  "writeback.after_flag#7",
  "writeback.before_history#7",
  "writeback.after_history#7",
  "writeback.after_sent#7",
])("5.2 killed at %s: taken over, and nobody's flag or history is written twice", async (point) => {
  const world = await createWritebackWorld(60);
  await world.decide();
  expect(await world.start(point).ended()).toBe("SIGKILL");
  const next = world.start();
  await untilAllSent(world);
  await expectOnceEach(world);
  expect(await world.counts()).toEqual({ sent: 60 });
  await next.stop();
});

const sets = "SetIndividualInformation";
const writesLine = "NewHistoricalActivity";

// What the AMS has applied and nobody hears of; and what it applies once whoever asked is dead.
test.each([
  { operation: sets, kind: "stall", isTakenBack: false },
  { operation: sets, kind: "stall", isTakenBack: true },
  { operation: writesLine, kind: "stall", isTakenBack: false },
  { operation: writesLine, kind: "stall", isTakenBack: true },
  { operation: sets, kind: "latency", isTakenBack: false },
  { operation: sets, kind: "latency", isTakenBack: true },
] as const)(
  "5.2 killed inside a call ($operation, $kind; taken back meanwhile: $isTakenBack): once each, in order",
  async ({ operation, kind, isTakenBack }) => {
    const world = await createWritebackWorld(30, 1);
    const { state } = world.own.simulator;
    const applied = () => (operation === sets ? state.doNotEmail.map(({ key }) => key) : [...state.activities.keys()]);
    await world.decide();
    state.faults.list = [{ kind, operation, value: 4500, skip: 6, times: 1 }];
    const worker = world.start();
    const isInside = () => state.calls.get(operation) === 7 && applied().length === (kind === "stall" ? 7 : 6);
    await expect.poll(isInside, { timeout: 60_000, interval: 10 }).toBe(true);
    if (isTakenBack) await world.takeBack(0, 15);
    await worker.kill();
    expect(isInside(), "killed before the call had ended").toBe(true);
    const next = world.start();
    await untilAllSent(world);
    await expectOnceEach(world);
    const inside = applied()[6] ?? "";
    const flags = state.doNotEmail.filter(({ key }) => key === inside).map(({ flag }) => flag);
    expect(flags).toEqual(isTakenBack ? ["1", "0"] : ["1"]);
    await next.stop();
  },
);

/** `npm run torture` asks for more of each. */
const setting = (name: string, usual: number) => Number(process.env[`LOCKSTEP_TEST_${name}`] ?? usual);
const kills = setting("KILLS", 6);
const people = setting("PEOPLE", 800);
const percent = setting("FAULT_PERCENT", 5);
const processes = setting("WORKERS", 2);

test(`5.2 ${kills} kills at random moments, ${percent} % faults, ${processes} processes send for ${people} people: each once, in order`, {
  timeout: 300_000 + people * 60,
}, async () => {
  const world = await createWritebackWorld(people, setting("SESSIONS", 4));
  const { state } = world.own.simulator;
  state.latencyMs = 20;
  await world.decide();
  // Each kind of fault takes its part: no answer without an effect, with one, a refusal, a token that expired.
  const share = { percent: percent / 4 };
  state.faults.list = [
    { kind: "status", value: 503, ...share },
    { kind: "reset", ...share },
    // Not of the history's lines: a site that refuses those goes without.
    { kind: "fault", operation: "SetIndividualInformation", text: "The record is locked by another user.", ...share },
    { kind: "expired_token", ...share },
  ];
  const workers = Array.from({ length: processes }, () => world.start());
  const meanStep = (0.6 * people) / kills;
  for (let done = 0; done < kills; done += 1) {
    // Random moments of the sending, not of the clock: on a busy machine those would meet processes that still start.
    const next = Math.min(state.doNotEmail.length + 2 * Math.random() * meanStep, 0.95 * people);
    for (const end = performance.now() + 120_000; state.doNotEmail.length < next && performance.now() < end; )
      await wait(1);
    // Some come back by an administrator while their no may be anywhere on its way.
    await world.takeBack(Math.floor((people * done) / kills / 2), Math.floor((people * (done + 1)) / kills / 2));
    const victim = done % processes;
    await workers[victim]?.kill();
    workers[victim] = world.start();
  }
  state.faults.list = [];
  await untilAllSent(world, 120 + people / 20);
  await expectOnceEach(world);
  expect((await world.counts()).failed ?? 0).toBe(0);
  await Promise.all(workers.map((worker) => worker.stop()));
});
