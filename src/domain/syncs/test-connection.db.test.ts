import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { configureBridge } from "../bridges/configure-bridge.ts";
import { findSync } from "./find-syncs.ts";
import { testConnection } from "./test-connection.ts";

const never = new AbortController().signal;

/** A sync that is under way: its first answer takes so long. */
async function readSlowly({ own }: World, latencyMs: number) {
  await own.request("Board");
  await own.ctx.sessions.close();
  own.simulator.state.latencyMs = latencyMs;
  const before = own.simulator.state.callCount;
  const working = own.work();
  await expect.poll(() => own.simulator.state.callCount).toBeGreaterThan(before);
  own.simulator.state.latencyMs = 0;
  return { ended: working };
}

test("1.4 Test connection is a session like another: while all are taken it tries nothing, and says so", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  const reading = await readSlowly(world, 1500);
  const calls = own.simulator.state.callCount;
  const report = await testConnection(own.ctx, never);
  expect(report).toMatchObject({
    ok: false,
    steps: [{ outcome: "skipped", message: expect.stringMatching(/session.*taken/) }],
  });
  expect(own.simulator.state.callCount).toBe(calls);
  await reading.ended;
  expect(await testConnection(own.ctx, never)).toMatchObject({ ok: true });
});

test("1.4 with a session to spare, Test connection goes on beside a sync; a sync waits while it takes the last one", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await configureBridge(own.ctx, { sessionLimit: 2 });
  const reading = await readSlowly(world, 1000);
  expect(await testConnection(own.ctx, never)).toMatchObject({ ok: true });
  await reading.ended;
  await configureBridge(own.ctx, { sessionLimit: 1 });
  const { sync } = await own.request("Board");
  const jobs = (await world.jobs("work-on-bridge")).length;
  own.simulator.state.latencyMs = 150;
  const testing = testConnection(own.ctx, never);
  await wait(250);
  await own.work();
  expect(await findSync(own.ctx, sync.id)).toMatchObject({ state: "queued" });
  own.simulator.state.latencyMs = 0;
  expect(await testing).toMatchObject({ ok: true });
  // Whoever waited is told that a session is free.
  expect(await world.jobs("work-on-bridge")).toHaveLength(jobs + 1);
  expect(await own.workUntilEnded(sync.id)).toMatchObject({ state: "succeeded" });
});
