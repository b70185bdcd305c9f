import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { createDeliveryWorld, expectOnceEach, untilSent } from "./delivery-world.ts";

/** Sessions of one worker process with the relay. */
const sessions = 5;

test.each([
  ["delivery.after_claim", 0],
  ["delivery.before_hand_over", 0],
  // The other sessions may have theirs under way.
  ["delivery.before_hand_over#7", sessions - 1],
  ["delivery.after_hand_over#7", sessions],
  ["delivery.before_outcome#7", sessions],
  ["delivery.after_outcome#7", sessions],
])("4.4 killed at %s: nobody is lost, nobody gets it twice", async (point, mostUnsure) => {
  const world = await createDeliveryWorld(60, "slow-5");
  expect(await world.start(point).ended()).toBe("SIGKILL");
  const next = world.start();
  await untilSent(world);
  const { unsure } = await expectOnceEach(world);
  expect(unsure).toBeLessThanOrEqual(mostUnsure);
  // Those whose commit went through when the process fell: at the gate there is always one.
  if (point.startsWith("delivery.after_hand_over")) expect(unsure).toBeGreaterThan(0);
  await next.stop();
});

/** `npm run torture` asks for more of each. */
const setting = (name: string, usual: number) => Number(process.env[`LOCKSTEP_TEST_${name}`] ?? usual);
const kills = setting("KILLS", 20);
const recipients = setting("RECIPIENTS", 1500);
const processes = setting("WORKERS", 2);

test(`4.4 ${kills} kills at random moments, ${processes} processes send to ${recipients}: nobody is lost, nobody gets it twice`, {
  timeout: 200_000 + recipients * 20,
}, async () => {
  // The mail server takes its time: most kills meet messages that it has and has not answered for.
  const world = await createDeliveryWorld(recipients, `slow-${setting("SLOW_MS", 30)}`);
  const workers = Array.from({ length: processes }, () => world.start());
  // All over the sending, with room at its end for the last one.
  const meanStep = (0.6 * recipients) / kills;
  for (let done = 0; done < kills; done += 1) {
    // Random moments of the sending, not of the clock: on a busy machine those would meet processes that still start.
    const next = world.catcher.mails.mails.length + 2 * Math.random() * meanStep;
    while (world.catcher.mails.mails.length < next) await wait(1);
    expect(await world.sending.state()).toMatchObject({ state: "sending" });
    const victim = done % processes;
    await workers[victim]?.kill();
    workers[victim] = world.start();
  }
  await untilSent(world, 60 + recipients / 100);
  const { unsure } = await expectOnceEach(world);
  process.stderr.write(`  ${kills} kills, ${recipients} recipients: ${unsure} unsure\n`);
  expect(unsure).toBeLessThanOrEqual(kills * sessions);
  await Promise.all(workers.map((worker) => worker.stop()));
});

test("4.4 asked to stop in the middle of a mailing, a worker leaves nobody unsure (P22)", async () => {
  const world = await createDeliveryWorld(400, "slow-10");
  for (let stop = 0; stop < 3; stop += 1) {
    const worker = world.start();
    const before = world.catcher.mails.mails.length;
    await expect
      .poll(() => world.catcher.mails.mails.length, { interval: 5, timeout: 20_000 })
      .toBeGreaterThan(before + 10);
    expect(await worker.stop()).toBe(0);
    const { unsure = 0, claimed = 0, handing_over = 0 } = await world.sending.counts();
    expect([unsure, claimed, handing_over]).toEqual([0, 0, 0]);
  }
  const last = world.start();
  await untilSent(world);
  expect(await expectOnceEach(world)).toEqual({ unsure: 0 });
  await last.stop();
});
