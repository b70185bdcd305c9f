import { sql } from "kysely";
import { expect, test } from "vitest";
import { calls, createSenders, run, toldOf } from "../../../test/harness/senders.ts";
import { must } from "../../platform/errors.ts";
import { createAccount } from "../accounts/create-account.ts";
import { inAccount } from "../context.ts";
import { listWritebacks } from "../writebacks/find-writebacks.ts";
import { sendWritebacksNow } from "../writebacks/send-now.ts";
import { resubscribePerson, unsubscribePerson } from "./change-person-wish.ts";
import { markBadEmail, noteSoftBounces, resubscribe, unsubscribe } from "./change-wish.ts";

test("5.1 an unsubscribe is queued with its time and reason, and goes at the next tick", async () => {
  const world = await createSenders({ startsAt: "2030-03-04T09:01:00Z" });
  const { people, tick, clock } = world;
  const id = must(people[0], "there are people");
  await world.unsubscribe(id);
  const decidedAt = clock.now();
  expect(await world.listOf(id)).toMatchObject([
    { type: "unsubscribe", state: "ready", reason: "too many mails", decidedAt, subscriberId: id, tries: 0 },
  ]);
  await tick();
  expect(calls(world, "SetIndividualInformation")).toBe(0);
  clock.set("2030-03-04T09:10:00Z");
  await tick();
  expect(await world.listOf(id)).toMatchObject([{ state: "sent", endedAt: clock.now(), errorMessage: null }]);
  expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  const [line] = world.own.simulator.state.activities.get(await world.keyOf(id)) ?? [];
  const { month, day, year, hour, minute, second } = decidedAt.toZonedDateTimeISO("UTC");
  const two = (number: number) => String(number).padStart(2, "0");
  expect(line).toEqual({
    date: `${month}/${day}/${year} ${hour}:${two(minute)}:${two(second)} AM`,
    text: "Unsubscribed in Lockstep: too many mails",
  });
  await tick();
  expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
});

test("5.1 every door queues: a person, an administrator, a complaint, a hard bounce, the fifth soft one", async () => {
  const world = await createSenders();
  const { own, people, clock } = world;
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = people;
  await world.unsubscribe(a);
  await unsubscribePerson(own.ctx, b, "by phone");
  await run(own, (tx) => unsubscribe(tx, own.ctx, [c], { origin: "complaint", reason: null }));
  await run(own, (tx) => markBadEmail(tx, own.ctx, [d], "no such mailbox"));
  for (let bounce = 0; bounce < 5; bounce += 1) {
    expect(await world.listOf(e)).toEqual([]);
    await run(own, (tx) => noteSoftBounces(tx, own.ctx, [e], "mailbox full"));
    clock.advance({ hours: 4 * 24 });
  }
  await resubscribePerson(own.ctx, b, "asked by phone");
  const told = async (id: number) => (await world.listOf(id)).map(({ type, state, reason }) => [type, state, reason]);
  expect(await told(a)).toEqual([["unsubscribe", "ready", "too many mails"]]);
  expect(await told(b)).toEqual([
    ["unsubscribe", "superseded", "by phone"],
    ["resubscribe", "ready", "asked by phone"],
  ]);
  expect(await told(c)).toEqual([["unsubscribe", "ready", null]]);
  expect(await told(d)).toEqual([["bad_email", "ready", "no such mailbox"]]);
  expect(await told(e)).toEqual([["bad_email", "ready", expect.stringContaining("mailbox full")]]);
  await sendWritebacksNow(own.ctx);
  await world.tick();
  for (const id of [a, c, d, e]) expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  expect(await toldOf(world, b), "no flag of ours to lift").toEqual({ flags: [], lines: 1 });
});

test("5.2 one goes for a customer key, however many entries; who has none makes none, nor an account without a bridge", async () => {
  const world = await createSenders();
  const { own, people, query } = world;
  const id = must(people[0], "there are people");
  await query(sql`insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
    select account_id, remote_id, 'elsewhere@example.org', 'elsewhere@example.org', created_at, updated_at from subscriber where id = ${id}`);
  const [uploaded] = await query(sql<{
    id: number;
  }>`insert into subscriber (account_id, email, email_key, created_at, updated_at)
    select account_id, 'guest@example.org', 'guest@example.org', created_at, updated_at from subscriber where id = ${id} returning id`);
  await world.unsubscribe(id, must(uploaded, "inserted").id);
  expect(await listWritebacks(own.ctx, { limit: 10 })).toMatchObject([{ subscriberId: id }]);
  const { id: bare } = await createAccount(world.ctx, "Without a bridge", "UTC", "test");
  const lone = inAccount(world.ctx, bare, "test");
  const [theirs] = await query(sql<{
    id: number;
  }>`insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
    select ${bare}, remote_id, email, email_key, created_at, updated_at from subscriber where id = ${id} returning id`);
  await unsubscribePerson(lone, must(theirs, "inserted").id, "by phone");
  expect(await listWritebacks(lone, { limit: 10 })).toEqual([]);
});

test("5.1 a person who takes their own no back: what has not begun is withdrawn, what was sent stays", async () => {
  const world = await createSenders();
  const { own, people, tick } = world;
  const [early = 0, late = 0] = people;
  await world.unsubscribe(early, late);
  const takeBack = (id: number) => run(own, (tx) => resubscribe(tx, own.ctx, [id], { origin: "person", reason: null }));
  await takeBack(early);
  await sendWritebacksNow(own.ctx);
  await tick();
  await takeBack(late);
  expect(await world.listOf(early)).toMatchObject([{ state: "withdrawn" }]);
  expect(await world.listOf(late)).toMatchObject([{ state: "sent" }]);
  expect(await toldOf(world, early)).toEqual({ flags: [], lines: 0 });
  // An administrator lifts it there, too.
  await world.unsubscribe(late);
  await resubscribePerson(own.ctx, late, "by phone");
  await sendWritebacksNow(own.ctx);
  await tick();
  expect(await toldOf(world, late)).toEqual({ flags: ["1", "0"], lines: 2 });
});

test("5.1 what a withdrawn unsubscribe had taken the place of goes after all", async () => {
  const world = await createSenders();
  const { own, people, tick } = world;
  const [id = 0, other = 0] = people;
  await world.unsubscribe(id);
  await sendWritebacksNow(own.ctx);
  await tick();
  await resubscribePerson(own.ctx, id, "by phone");
  await world.unsubscribe(id);
  const takeBack = (who: number) =>
    run(own, (tx) => resubscribe(tx, own.ctx, [who], { origin: "person", reason: null }));
  await takeBack(id);
  expect((await world.listOf(id)).map(({ state }) => state)).toEqual(["sent", "ready", "withdrawn"]);
  // With a bad e-mail behind it, the no is withdrawn from the middle.
  await world.unsubscribe(other);
  await run(own, (tx) => markBadEmail(tx, own.ctx, [other], "no such mailbox"));
  await takeBack(other);
  expect((await world.listOf(other)).map(({ type, state }) => [type, state])).toEqual([
    ["unsubscribe", "withdrawn"],
    ["bad_email", "ready"],
  ]);
  await sendWritebacksNow(own.ctx);
  await tick();
  expect((await toldOf(world, id)).flags).toEqual(["1", "0"]);
  expect((await toldOf(world, other)).flags).toEqual(["1"]);
});
