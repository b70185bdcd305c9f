import { sql } from "kysely";
import { expect, test } from "vitest";
import { type Account, createWorld, type World } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { markBadEmail, noteDelivered, noteSoftBounces, resubscribe, unsubscribe } from "./change-wish.ts";
import { findSubscriber } from "./find-subscribers.ts";

const byPerson = { origin: "person", reason: null } as const;
const byAdministrator = { origin: "administrator", reason: "asked by phone" } as const;

async function createPeople(): Promise<World & { readonly id: number }> {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  await own.sync("Board");
  const [shared] = await world.query(sql<{ id: number }>`
    select subscriber_id as id from membership m join subscriber s on s.id = m.subscriber_id
    where s.standing = 'sendable' group by 1 having count(*) = 2 order by 1 limit 1`);
  return { ...world, id: must(shared, "somebody is in both groups").id };
}

const run = <T>({ ctx }: Account, work: (tx: Parameters<typeof unsubscribe>[0]) => Promise<T>) =>
  ctx.db.transaction(ctx.accountId, work);

/** The same person once more: another row with the address, or with the customer key. */
async function addTwin({ query }: World, id: number, of: "address" | "key"): Promise<number> {
  const remote = of === "address" ? sql`'another-key'` : sql`remote_id`;
  const email = of === "address" ? sql`email` : sql`'elsewhere@example.org'`;
  const [twin] = await query(sql<{ id: number }>`
    insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
    select account_id, ${remote}, ${email}, lower(${email}), created_at, updated_at from subscriber where id = ${id}
    returning id`);
  return must(twin, "it was inserted").id;
}

test("2.4 an unsubscribe holds for all of the person's rows in the account, and moves every group's counts", async () => {
  const { id, own, ...world } = await createPeople();
  const twins = [await addTwin({ ...world, own }, id, "address"), await addTwin({ ...world, own }, id, "key")];
  const before = (await own.group("Everybody")).counts;
  const changed = await run(own, (tx) => unsubscribe(tx, own.ctx, [id], byPerson));
  expect(changed.map((person) => person.id).sort()).toEqual([id, ...twins].sort());
  for (const each of [id, ...twins])
    expect(await findSubscriber(own.ctx, each)).toMatchObject({
      standing: "unsubscribed",
      unsubscribeOrigin: "person",
    });
  for (const name of ["Everybody", "Board"]) expect((await own.group(name)).counts.unsubscribed, name).toBe(1);
  expect((await own.group("Everybody")).counts.sendable).toBe(before.sendable - 1);
  expect(await run(own, (tx) => unsubscribe(tx, own.ctx, [id], byAdministrator)), "the first no stays").toEqual([]);
  expect(await findSubscriber(own.ctx, id)).toMatchObject({ unsubscribeOrigin: "person", unsubscribeReason: null });
});

test("2.4 an unsubscribe made here is lifted here, by the person; the AMS's flag is not", async () => {
  const { id, own, query } = await createPeople();
  await run(own, (tx) => unsubscribe(tx, own.ctx, [id], byPerson));
  await query(sql`update subscriber set do_not_email = true where id = ${id}`);
  await run(own, (tx) => resubscribe(tx, own.ctx, [id], byPerson));
  expect(await findSubscriber(own.ctx, id)).toMatchObject({ standing: "do_not_email", unsubscribedAt: null });
});

test("6.5 what an administrator changes of a person stands in the audit log with the reason, what the person does not", async () => {
  const { id, own, query } = await createPeople();
  await run(own, (tx) => unsubscribe(tx, own.ctx, [id], byPerson));
  await run(own, (tx) => resubscribe(tx, own.ctx, [id], byAdministrator));
  await run(own, (tx) => unsubscribe(tx, own.ctx, [id], byAdministrator));
  const entries = await query(sql<{ action: string; detail: { reason: string } }>`
    select action, detail from audit_entry where action like 'subscriber.%' order by id`);
  expect(entries.map(({ action, detail }) => [action, detail.reason])).toEqual([
    ["subscriber.resubscribe", "asked by phone"],
    ["subscriber.unsubscribe", "asked by phone"],
  ]);
  const changes = await query(sql<{ kind: string; origin: string }>`select kind, origin from wish_change order by id`);
  expect(changes.map(({ kind, origin }) => `${kind} ${origin}`)).toEqual([
    "unsubscribed person",
    "resubscribed administrator",
    "unsubscribed administrator",
  ]);
});

test("4.5 a bad e-mail is the address's: it holds for all who have it, follows no key, and only an administrator lifts it", async () => {
  const { id, own, ...world } = await createPeople();
  const sameAddress = await addTwin({ ...world, own }, id, "address");
  const sameKey = await addTwin({ ...world, own }, id, "key");
  const standings = () =>
    Promise.all([id, sameAddress, sameKey].map(async (each) => (await findSubscriber(own.ctx, each)).standing));
  await run(own, (tx) => markBadEmail(tx, own.ctx, [id], "550 5.1.1 no such user"));
  expect(await standings()).toEqual(["bad_email", "bad_email", "sendable"]);
  await run(own, (tx) => resubscribe(tx, own.ctx, [id], byPerson));
  expect(await standings()).toEqual(["bad_email", "bad_email", "sendable"]);
  await run(own, (tx) => resubscribe(tx, own.ctx, [id], byAdministrator));
  expect(await standings()).toEqual(["sendable", "sendable", "sendable"]);
});

test("4.5 five soft bounces in a row over exactly 15 days make a bad e-mail; four, a shorter row, or a delivery between do not", async () => {
  const { id, own, clock } = await createPeople();
  const bounce = () => run(own, (tx) => noteSoftBounces(tx, own.ctx, [id], "452 4.2.2 mailbox full"));
  const standing = async () => (await findSubscriber(own.ctx, id)).standing;
  for (let count = 0; count < 5; count += 1) await bounce();
  clock.advance({ seconds: 15 * 24 * 3600 - 1 });
  await bounce();
  expect(await standing(), "a second too early").toBe("sendable");
  await run(own, (tx) => noteDelivered(tx, own.ctx, [id]));
  for (let count = 0; count < 3; count += 1) await bounce();
  clock.advance({ hours: 15 * 24 });
  await bounce();
  expect(await standing(), "the fourth").toBe("sendable");
  await bounce();
  expect(await standing(), "the fifth, after 15 days").toBe("bad_email");
});

test("1.6 an unsubscribe waits for an apply that runs, and the counts add up after both", async () => {
  const { id, own, ctx } = await createPeople();
  const order: string[] = [];
  let asked: Promise<unknown> | undefined;
  await ctx.db.transaction(own.ctx.accountId, async (tx) => {
    await sql`update apply_turn set turn = turn + 1 where account_id = ${own.ctx.accountId}`.execute(tx);
    asked = run(own, (inner) => unsubscribe(inner, own.ctx, [id], byPerson)).then(() => order.push("unsubscribed"));
    await sql`select pg_sleep(0.2)`.execute(tx);
    order.push("applied");
  });
  await asked;
  expect(order).toEqual(["applied", "unsubscribed"]);
});
