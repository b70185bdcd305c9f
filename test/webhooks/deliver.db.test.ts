import { sql } from "kysely";
import { Webhook as Verifier } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import { tell } from "../../src/domain/events/tell.ts";
import type { WebhookType } from "../../src/domain/notices/event.rules.ts";
import { unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import {
  addWebhook,
  changeWebhook,
  getWebhook,
  removeWebhook,
  replaceSecret,
} from "../../src/domain/webhooks/change-webhooks.ts";
import { forgetOldEvents } from "../../src/domain/webhooks/deliver.ts";
import { getDelivery, listDeliveries, sendAgain, sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import type { WebhookId } from "../../src/domain/webhooks/webhook.ts";
import { CallOut } from "../../src/platform/call-out.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import { type Receiver, startReceiver } from "../harness/receiver.ts";
import { type Account, createWorld, type World, type WorldOptions } from "../harness/world.ts";

type HookWorld = World & { deliver(): Promise<void>; readonly lane: WebhookLane };

/** A world whose webhooks are called when the test says so. */
async function createHookWorld(options: WorldOptions = {}): Promise<HookWorld> {
  const world = await createWorld(options);
  const processId = newId();
  const liveness = await world.ctx.db.holdLiveness();
  await liveness.hold(processId);
  onTestFinished(() => liveness[Symbol.asyncDispose]());
  const lane = new WebhookLane(world.ctx, { processId, signal: new AbortController().signal });
  return {
    ...world,
    lane,
    async deliver() {
      await lane.look();
      await lane.settle();
    },
  };
}

const add = (own: Account, { url }: Receiver, events: readonly WebhookType[] = ["sync.held"]) =>
  addWebhook(own.ctx, { url, events });

const latest = async (own: Account, id: WebhookId) => {
  const [first] = await listDeliveries(own.ctx, id, { limit: 1 });
  return getDelivery(own.ctx, id, must(first, "something was sent").id);
};

test("a webhook hears of a sync in the documented form, and an independent library believes its signature", async () => {
  const { own, deliver } = await createHookWorld();
  const receiver = await startReceiver();
  const { secret } = await add(own, receiver, ["sync.succeeded"]);
  await own.listSync();
  const sync = await own.sync("Board");
  await deliver();
  expect(receiver.received.map(({ event }) => event.data.kind).sort()).toEqual(["list", "subscriber"]);
  const call = must(
    receiver.received.find(({ event }) => event.data.kind === "subscriber"),
    "the sync was told",
  );
  // The library's clock is the machine's: what it is asked about must have been sent now.
  expect(() => new Verifier(secret).verify(call.body, call.headers)).toThrow("timestamp too");
  expect(call.event).toEqual({
    id: call.headers["webhook-id"],
    type: "sync.succeeded",
    version: 1,
    timestamp: expect.stringMatching(/Z$/),
    accountId: own.ctx.accountId,
    data: {
      ...{ syncId: sync.id, kind: "subscriber", trigger: "resync", groupId: sync.groupId, groupName: "Board" },
      ...{ startedAt: sync.startedAt?.toString(), finishedAt: sync.finishedAt?.toString() },
      ...{ added: sync.added, removed: 0, updated: sync.updated, sendable: sync.sendable },
    },
  });
  expect(receiver.received.every(({ body }) => !body.includes("@"))).toBe(true);
});

test("a signature is believed by an independent library with the secret, and by nobody else; a replaced secret signs for a day", async () => {
  const { own, deliver, clock } = await createHookWorld();
  clock.set(Temporal.Now.instant());
  const receiver = await startReceiver();
  const { id, secret } = await add(own, receiver);
  const replaced = await replaceSecret(own.ctx, id);
  expect(replaced.secret).not.toBe(secret);
  await sendTest(own.ctx, id);
  await deliver();
  const call = must(receiver.received[0], "the test was sent");
  for (const each of [secret, replaced.secret])
    expect(new Verifier(each).verify(call.body, call.headers)).toMatchObject({ type: "test" });
  const stranger = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  expect(() => new Verifier(stranger).verify(call.body, call.headers)).toThrow("No matching signature");
  expect(() => new Verifier(secret).verify(`${call.body} `, call.headers)).toThrow("No matching signature");
  await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    sql`update webhook set old_secret_until = ${clock.now()}`.execute(tx),
  );
  await sendTest(own.ctx, id);
  await deliver();
  const later = must(receiver.received[1], "the second test was sent");
  expect(new Verifier(replaced.secret).verify(later.body, later.headers)).toBeTruthy();
  expect(() => new Verifier(secret).verify(later.body, later.headers)).toThrow("No matching signature");
});

test("what is rolled back is told to nobody, and what nobody listens to leaves no trace", async () => {
  const { own, deliver, query } = await createHookWorld();
  const receiver = await startReceiver();
  await add(own, receiver, ["subscribers.unsubscribed"]);
  await own.listSync();
  await own.sync("Board");
  const [person] = await query(sql<{ id: number }>`select id from subscriber where standing = 'sendable' limit 1`);
  const no = (isKept: boolean) =>
    own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
      const wish = { origin: "person", reason: null } as const;
      await unsubscribe(tx, own.ctx, [must(person, "somebody is there").id], wish);
      if (!isKept) throw new Error("rolled back");
    });
  await expect(no(false)).rejects.toThrow("rolled back");
  await deliver();
  expect(receiver.received).toEqual([]);
  expect(await query(sql`select from told_event`), "neither the syncs nor the rolled back").toEqual([]);
  await no(true);
  await deliver();
  expect(receiver.received.map(({ event }) => event.data)).toEqual([
    { origin: "person", subscribers: [{ id: person?.id, remoteId: expect.any(String) }] },
  ]);
});

test("of many people a hundred are one event, told in two statements", async () => {
  const { own, deliver, query } = await createHookWorld();
  const receiver = await startReceiver();
  await add(own, receiver, ["subscribers.unsubscribed"]);
  await own.listSync();
  await own.sync("Everybody");
  const people = await query(sql<{ id: number }>`select id from subscriber where standing = 'sendable'`);
  expect(people.length).toBeGreaterThan(200);
  const ids = people.map(({ id }) => id);
  await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    unsubscribe(tx, own.ctx, ids, { origin: "complaint", reason: null }),
  );
  await deliver();
  const told = receiver.received.flatMap(({ event }) => event.data.subscribers as { id: number }[]);
  expect(receiver.received).toHaveLength(Math.ceil(ids.length / 100));
  expect(told.map(({ id }) => id).sort()).toEqual(ids.sort());
});

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

test("no redirect is followed: a receiver can't send us elsewhere", async () => {
  const { own, deliver } = await createHookWorld();
  const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
  await sendTest(own.ctx, id);
  await deliver();
  expect(elsewhere.received).toEqual([]);
  expect(await latest(own, id)).toMatchObject({ state: "waiting", status: 307 });
  expect((await latest(own, id)).error).toContain("redirects are not followed");
});

const strict = { allowPrivate: false };

test.each([
  "http://example.org/hook",
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://[::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[fd12::1]/",
  "https://169.254.169.254/latest/meta-data",
  "https://localhost/",
  "https://10.0.0.1/",
  "https://user:secret@example.org/",
  "https://example.org:22/",
  "ftp://example.org/",
  "nonsense",
])("an address that may not be called from here is refused when it is entered: %s", async (url) => {
  const { own } = await createHookWorld({ callOut: strict });
  await expect(addWebhook(own.ctx, { url, events: ["sync.held"] })).rejects.toMatchObject({ code: "invalid_input" });
});

test("a name that leads to a private address is refused when it is called, whatever it led to before", async () => {
  const receiver = await startReceiver();
  const port = new URL(receiver.url).port;
  for (const address of ["127.0.0.1", "10.1.2.3", "::1", "fd00::1", "169.254.169.254"]) {
    const family = address.includes(":") ? 6 : 4;
    const resolve = ((_name: string, _options: unknown, done: (e: null, a: object[]) => void) =>
      done(null, [{ address, family }])) as never;
    const callOut = new CallOut({ ...strict, resolve });
    const call = callOut.post(
      "https://receiver.example:8443/",
      {},
      "{}",
      Temporal.Now.instant(),
      AbortSignal.timeout(5000),
    );
    await expect(call).rejects.toThrow(/only an operator may allow \(LOCKSTEP_ALLOW_PRIVATE_WEBHOOKS\)/);
    await callOut.close();
  }
  const literal = new CallOut(strict);
  const call = literal.post(`http://127.0.0.1:${port}/`, {}, "{}", Temporal.Now.instant(), AbortSignal.timeout(5000));
  await expect(call).rejects.toThrow("must begin with https");
  await literal.close();
  expect(receiver.received).toEqual([]);
});

test("what an operator allowed once and no longer is not called: the log says why", async () => {
  const { own, ctx, query } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  await sendTest(own.ctx, id);
  const callOut = new CallOut(strict);
  const lane = new WebhookLane({ ...ctx, callOut }, { processId: newId(), signal: new AbortController().signal });
  await lane.look();
  await lane.settle();
  await callOut.close();
  expect(receiver.received).toEqual([]);
  expect((await latest(own, id)).error).toContain("must begin with https://");
  expect(await query(sql`select status from webhook_attempt`)).toEqual([{ status: null }]);
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

test("6.4 a webhook hears of its own account alone, and nothing of a suspended one", async () => {
  const { own, addAccount, deliver, query } = await createHookWorld();
  const other = await addAccount();
  const [ours, theirs] = [await startReceiver(), await startReceiver()];
  await add(own, ours, ["sync.succeeded"]);
  await add(other, theirs, ["sync.succeeded"]);
  await own.listSync();
  await deliver();
  expect([ours.received.length, theirs.received.length]).toEqual([1, 0]);
  await other.listSync();
  await query(sql`update account set suspended_at = now() where id = ${other.ctx.accountId}`);
  await deliver();
  expect(theirs.received).toEqual([]);
});

test("an account has ten webhooks at most; a deleted one's log goes with it", async () => {
  const { own, query, deliver } = await createHookWorld();
  const receiver = await startReceiver();
  const ids: WebhookId[] = [];
  for (let count = 0; count < 10; count += 1) ids.push((await add(own, receiver)).id);
  await expect(add(own, receiver)).rejects.toMatchObject({ code: "too_many_webhooks" });
  const [first] = ids;
  await sendTest(own.ctx, must(first, "ten were made"));
  await deliver();
  await removeWebhook(own.ctx, must(first, "ten were made"));
  expect(await query(sql`select from webhook_delivery`)).toEqual([]);
  await add(own, receiver);
});

test("the log is kept for 30 days", async () => {
  const { own, ctx, query, deliver, clock } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  await sendTest(own.ctx, id);
  await deliver();
  clock.advance({ hours: 24 * 30 });
  await forgetOldEvents(ctx);
  expect(await query(sql`select from webhook_attempt`)).toHaveLength(1);
  clock.advance({ seconds: 1 });
  await forgetOldEvents(ctx);
  for (const table of ["webhook_attempt", "webhook_delivery", "told_event"])
    expect(await query(sql`select from ${sql.table(table)}`), table).toEqual([]);
});

test("6.5 each change is in the audit log, and no secret is", async () => {
  const { own, query } = await createHookWorld();
  const { id, secret } = await add(own, await startReceiver());
  const replaced = await replaceSecret(own.ctx, id);
  await changeWebhook(own.ctx, id, { isActive: false });
  await removeWebhook(own.ctx, id);
  const rows = await query(sql<{ action: string; all: string }>`
    select action, a::text as all from audit_entry a where action like 'webhook.%' order by at, id`);
  expect(rows.map(({ action }) => action)).toEqual([
    "webhook.add",
    "webhook.replace_secret",
    "webhook.change",
    "webhook.delete",
  ]);
  for (const each of [secret, replaced.secret]) expect(JSON.stringify(rows)).not.toContain(each);
});

test("telling what nobody listens to costs one look, however often", async () => {
  const { own } = await createHookWorld();
  const data = { message: "nobody hears it" };
  const begun = performance.now();
  await own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    for (let turn = 0; turn < 500; turn += 1) await tell(tx, own.ctx, "test", [data]);
  });
  expect((performance.now() - begun) / 500).toBeLessThan(5);
});
