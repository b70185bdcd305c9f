import { sql } from "kysely";
import { Webhook as Verifier } from "standardwebhooks";
import { expect, test } from "vitest";
import { tell } from "../../src/domain/events/tell.ts";
import { resubscribe, unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import { changeWebhook, removeWebhook, replaceSecret } from "../../src/domain/webhooks/change-webhooks.ts";
import { forgetOldEvents } from "../../src/domain/webhooks/deliver.ts";
import { sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import type { WebhookId } from "../../src/domain/webhooks/webhook.ts";
import { must } from "../../src/platform/errors.ts";
import { add, createHookWorld } from "../harness/hook-world.ts";
import { startReceiver } from "../harness/receiver.ts";

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

test("who takes an unsubscribe back is told, too: whoever listens knows how people stand", async () => {
  const { own, deliver, query } = await createHookWorld();
  const receiver = await startReceiver();
  await add(own, receiver, ["subscribers.unsubscribed", "subscribers.resubscribed"]);
  await own.listSync();
  await own.sync("Board");
  const [person] = await query(sql<{ id: number }>`select id from subscriber where standing = 'sendable' limit 1`);
  const ids = [must(person, "somebody is there").id];
  for (const act of [unsubscribe, resubscribe]) {
    const wish = { origin: "person", reason: null } as const;
    await own.ctx.db.transaction(own.ctx.accountId, (tx) => act(tx, own.ctx, ids, wish));
    await deliver();
  }
  const subscribers = [{ id: person?.id, remoteId: expect.any(String) }];
  expect(receiver.received.map(({ event }) => [event.type, event.data])).toEqual([
    ["subscribers.unsubscribed", { origin: "person", subscribers }],
    ["subscribers.resubscribed", { origin: "person", subscribers }],
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
