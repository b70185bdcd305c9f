import { sql } from "kysely";
import { expect, test } from "vitest";
import { changeWebhook, getWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { sendAgain, sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import { add, createHookWorld, latest } from "../harness/hook-world.ts";
import { startReceiver } from "../harness/receiver.ts";

test("a failed event is tried ten times over three days under one id, then given up; it can be sent again", async () => {
  const { own, deliver, clock } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(500).end("x".repeat(5000));
  await sendTest(own.ctx, id);
  const begun = clock.now();
  for (let turn = 0; turn < 30 && (await latest(own, id)).state !== "given_up"; turn += 1) {
    await deliver();
    const { dueAt } = await latest(own, id);
    const { pausedUntil } = await getWebhook(own.ctx, id);
    const next = pausedUntil && Temporal.Instant.compare(pausedUntil, dueAt) > 0 ? pausedUntil : dueAt;
    if (Temporal.Instant.compare(next, clock.now()) > 0) {
      clock.set(next.subtract({ milliseconds: 1 }));
      const before = receiver.received.length;
      await deliver();
      expect(receiver.received, "not a millisecond early").toHaveLength(before);
      clock.set(next);
    }
  }
  const given = await latest(own, id);
  expect(given).toMatchObject({ state: "given_up", status: 500, error: "status 500" });
  expect(receiver.received).toHaveLength(10);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(10);
  const days = begun.until(must(given.endedAt, "it is over")).total({ unit: "hours" }) / 24;
  expect(days).toBeGreaterThan(3);
  expect(days).toBeLessThan(3.5);
  expect(given.attempts).toHaveLength(10);
  expect(given.attempts[0]?.answer).toBe("x".repeat(1024));
  receiver.answer = (response) => response.writeHead(200).end("thanks");
  await sendAgain(own.ctx, id, given.id);
  clock.advance({ minutes: 11 });
  await deliver();
  expect(await latest(own, id)).toMatchObject({ state: "delivered", status: 200, eventId: given.eventId });
  expect(await getWebhook(own.ctx, id)).toMatchObject({ failingSince: null, failuresInARow: 0 });
});

test("a receiver that asks for time with Retry-After is given it", async () => {
  const { own, deliver, clock } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(429, { "retry-after": "3600" }).end();
  await sendTest(own.ctx, id);
  const asked = clock.now();
  await deliver();
  const hour = asked.add({ hours: 1 });
  expect((await latest(own, id)).dueAt).toEqual(hour);
  expect((await getWebhook(own.ctx, id)).pausedUntil, "whatever else waits").toEqual(hour);
  await sendTest(own.ctx, id);
  await deliver();
  expect(receiver.received).toHaveLength(1);
});

test("410 switches a webhook off at once, and what waits for it is given up", async () => {
  const { own, deliver, query } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(410).end();
  for (let event = 0; event < 6; event += 1) await sendTest(own.ctx, id);
  await deliver();
  expect(await getWebhook(own.ctx, id)).toMatchObject({
    isActive: false,
    switchedOffReason: "It answered 410 Gone: nobody is there any more.",
    waiting: 0,
  });
  expect(receiver.received.length).toBeLessThanOrEqual(4);
  expect(await query(sql`select distinct state from webhook_delivery`)).toEqual([{ state: "given_up" }]);
  await expect(sendTest(own.ctx, id)).rejects.toMatchObject({ code: "webhook_off" });
  receiver.answer = (response) => response.writeHead(204).end();
  await changeWebhook(own.ctx, id, { isActive: true });
  await sendTest(own.ctx, id);
  await deliver();
  expect(await getWebhook(own.ctx, id)).toMatchObject({ isActive: true, switchedOffReason: null, failuresInARow: 0 });
});

test("after five days of nothing but failures a webhook is switched off, not before", async () => {
  const { own, deliver, clock } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(503).end();
  const begun = clock.now();
  for (let turn = 0; turn < 70 && (await getWebhook(own.ctx, id)).isActive; turn += 1) {
    await sendTest(own.ctx, id);
    await deliver();
    clock.advance({ hours: 2 });
  }
  const hours = begun.until(clock.now()).total({ unit: "hours" });
  expect(hours).toBeGreaterThanOrEqual(120);
  expect(hours).toBeLessThanOrEqual(124);
  expect((await getWebhook(own.ctx, id)).switchedOffReason).toContain(
    "Nothing arrived for five days; at last: status 503",
  );
});

test("a dead receiver with much that waits is left alone between tries: one call, not one for each event", async () => {
  const { own, deliver, clock } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(500).end();
  for (let event = 0; event < 50; event += 1) await sendTest(own.ctx, id);
  for (let minute = 0; minute < 60; minute += 1) {
    await deliver();
    clock.advance({ minutes: 1 });
  }
  expect(receiver.received.length).toBeLessThan(25);
  receiver.answer = (response) => response.writeHead(204).end();
  clock.advance({ minutes: 10 });
  await deliver();
  clock.advance({ hours: 3 });
  await deliver();
  expect((await getWebhook(own.ctx, id)).waiting).toBe(0);
});

test("a receiver that doesn't answer holds up no other", async () => {
  const { own, lane } = await createHookWorld();
  const [slow, quick] = [await startReceiver(), await startReceiver()];
  const held: (() => void)[] = [];
  slow.answer = (response) => held.push(() => response.writeHead(204).end());
  const [slowHook, quickHook] = [await add(own, slow), await add(own, quick)];
  for (let event = 0; event < 10; event += 1) {
    await sendTest(own.ctx, slowHook.id);
    await sendTest(own.ctx, quickHook.id);
  }
  await lane.look();
  await expect.poll(() => quick.received.length).toBe(10);
  await expect.poll(() => slow.received.length).toBe(4);
  await lane.look();
  expect(slow.received, "calls to one receiver are bounded").toHaveLength(4);
  slow.answer = (response) => response.writeHead(204).end();
  for (const release of held) release();
  await lane.settle();
  expect(slow.received).toHaveLength(10);
});

test("a call that takes too long is given up; an answer without end is read so far and no further", async () => {
  const { own, deliver } = await createHookWorld({ callOut: { allowPrivate: true, totalMs: 300 } });
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  receiver.answer = (response) => void response.writeHead(200).write("so far");
  await sendTest(own.ctx, id);
  await deliver();
  expect(await latest(own, id)).toMatchObject({ state: "waiting", error: "no whole answer within 0.3 s" });
  const other = await startReceiver();
  const second = await add(own, other);
  other.answer = (response) => {
    const pour = () => {
      while (!response.destroyed && response.write("y".repeat(16_384)));
    };
    response.writeHead(200).on("drain", pour);
    pour();
  };
  await sendTest(own.ctx, second.id);
  await deliver();
  const { state, attempts } = await latest(own, second.id);
  expect({ state, answer: attempts[0]?.answer }).toEqual({ state: "delivered", answer: "y".repeat(1024) });
});

test("what a process had in hand when it died is sent again under the same id; a live one's is left to it", async () => {
  const world = await createHookWorld();
  const { own, ctx, query, clock } = world;
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  await sendTest(own.ctx, id);
  const dead = newId();
  {
    await using liveness = await ctx.db.holdLiveness();
    await liveness.hold(dead);
    receiver.answer = () => {}; // takes it, and says nothing
    const dying = new AbortController();
    const lane = new WebhookLane(ctx, { processId: dead, signal: dying.signal });
    await lane.look();
    await expect.poll(() => receiver.received.length).toBe(1);
    await world.deliver();
    expect(receiver.received, "in a live process's hands").toHaveLength(1);
    // As a kill leaves it: the call is out, and nothing was written.
    await query(sql`update webhook_delivery set taken_at = taken_at`);
    dying.abort();
    await lane.settle();
    await query(sql`update webhook_delivery set state = 'sending', run_by = ${dead}`);
  }
  receiver.answer = (response) => response.writeHead(204).end();
  clock.advance({ seconds: 1 });
  await world.deliver();
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[1]?.headers["webhook-id"]).toBe(receiver.received[0]?.headers["webhook-id"]);
  expect(await latest(own, id)).toMatchObject({ state: "delivered" });
});
