import { sql } from "kysely";
import { expect, test } from "vitest";
import { reportOf } from "../../../../test/harness/bounces.ts";
import { bounceDomain, createInstance } from "../../../../test/harness/mailing.ts";
import { createSenders, run, toldOf } from "../../../../test/harness/senders.ts";
import { must } from "../../../platform/errors.ts";
import { inAccount } from "../../context.ts";
import { resubscribePerson } from "../../subscribers/change-person-wish.ts";
import { markBadEmail } from "../../subscribers/change-wish.ts";
import { findSubscriber } from "../../subscribers/find-subscribers.ts";
import { listWritebacks } from "../../writebacks/find-writebacks.ts";
import { sendWritebacksNow } from "../../writebacks/send-now.ts";
import { applyHeldBounces, discardHeldBounces, listHeldBounces, listHeldOf } from "./held-bounces.ts";
import { receiveReturned } from "./receive-returned.ts";

/** A mailing to 60 people that comes back: from the 51st hard bounce within an hour on, it is a flood. */
async function createFlooded() {
  const world = await createSenders();
  const { own, people, clock, query } = world;
  const to = people.slice(0, 60);
  const instance = await createInstance(own.ctx, { to });
  const ctx = { ...world.ctx, bounceDomain };
  const bounce = async (place: number) => {
    clock.advance({ milliseconds: 10 });
    const report = reportOf({
      to: instance.returnPath(place),
      about: must(instance.recipients[place - 1], "there is such a recipient").email,
      status: "5.1.1",
      said: "550 5.1.1 user unknown",
    });
    return receiveReturned(ctx, Buffer.from(report), { instance: instance.id, place });
  };
  const bounceAll = async (from: number, until: number) => {
    for (let place = from; place <= until; place += 1) await bounce(place);
  };
  const at = (place: number) => must(instance.recipients[place - 1], "there is such a recipient").subscriberId;
  return {
    ...world,
    instance,
    bounce,
    bounceAll,
    at,
    standing: async (place: number) => (await findSubscriber(own.ctx, at(place))).standing,
    /** Places whose address is bad now. */
    bad: async () =>
      (
        await query(sql<{ place: number }>`select r.place from recipient r join subscriber s on s.id = r.subscriber_id
          where s.bad_email_at is not null order by 1`)
      ).map(({ place }) => place),
    /** Types and states of one's writebacks. */
    writebacks: async (place: number) => (await world.listOf(at(place))).map(({ type, state }) => `${type} ${state}`),
    wishes: (place: number) =>
      query(sql<{ kind: string; reason: string; by: string }>`
        select kind, reason, by from wish_change where subscriber_id = ${at(place)} order by id`),
  };
}

const range = (from: number, until: number) => Array.from({ length: until - from + 1 }, (_, at) => from + at);

test("4.5 a flood: what its bounces had marked before it was known is held with the rest, and the AMS hears nothing of it", async () => {
  const world = await createFlooded();
  const { own, instance, at } = world;
  await world.bounceAll(1, 50);
  expect(await world.bad(), "no flood yet").toEqual(range(1, 50));
  expect(await world.writebacks(7)).toEqual(["bad_email ready"]);
  expect(await world.bounce(51)).toBe("held");
  expect(await world.bad()).toEqual([]);
  expect(await world.standing(7)).toBe("sendable");
  expect(await world.writebacks(7)).toEqual(["bad_email withdrawn"]);
  expect(await world.wishes(7)).toMatchObject([
    { kind: "bad_email", reason: "550 5.1.1 user unknown" },
    { kind: "bad_email_lifted", reason: expect.stringContaining("held until an administrator decides") },
  ]);
  await world.bounceAll(52, 53);
  expect(await listHeldBounces(own.ctx)).toMatchObject([{ people: 53, stillMarked: 0 }]);
  const held = await listHeldOf(own.ctx, instance.id, { limit: 100 });
  expect(held.map(({ place }) => place)).toEqual(range(1, 53));
  expect(held[6]).toMatchObject({ subscriberId: at(7), reason: "550 5.1.1 user unknown", isStillMarked: false });
  await sendWritebacksNow(own.ctx);
  await world.tick();
  expect(own.simulator.state.doNotEmail).toEqual([]);
  const [event] = await world.query(sql<{ message: string }>`select message from instance_event`);
  expect(event?.message).toContain("taken back");
});

test.each([
  ["apply", applyHeldBounces, range(1, 51)],
  ["discard", discardHeldBounces, []],
] as const)("4.5 a flood: %s decides about all of it, from its first bounce on", async (_, decide, bad) => {
  const world = await createFlooded();
  await world.bounceAll(1, 51);
  world.clock.advance({ minutes: 5 });
  expect(await decide(world.own.ctx, world.instance.id)).toBe(51);
  expect(await world.bad()).toEqual(bad);
  expect(await world.writebacks(7)).toEqual(["bad_email withdrawn", ...(bad.length > 0 ? ["bad_email ready"] : [])]);
  // Later ones of the same flood wait for a decision of their own; what was decided stays.
  expect(await world.bounce(52)).toBe("held");
  expect(await world.bad()).toEqual(bad);
  expect(await listHeldBounces(world.own.ctx)).toMatchObject([{ people: 1 }]);
});

test("4.5 a flood: of whom the AMS was told stays marked until the decision; discarded, the AMS's flag is lifted", async () => {
  const world = await createFlooded();
  const { own, instance, at } = world;
  await world.bounceAll(1, 10);
  await sendWritebacksNow(own.ctx);
  await world.tick();
  expect((await toldOf(world, at(10))).flags).toEqual(["1"]);
  await world.bounceAll(11, 51);
  expect(await world.bad()).toEqual(range(1, 10));
  expect(await listHeldBounces(own.ctx)).toMatchObject([{ people: 51, stillMarked: 10 }]);
  expect((await listHeldOf(own.ctx, instance.id, { limit: 100 })).filter((one) => one.isStillMarked).length).toBe(10);
  await sendWritebacksNow(own.ctx);
  await world.tick();
  expect((await toldOf(world, at(10))).flags, "nothing goes before somebody decided").toEqual(["1"]);
  const anna = inAccount(own.ctx, own.ctx.accountId, "Anna");
  await discardHeldBounces(anna, instance.id);
  expect(await world.bad()).toEqual([]);
  expect((await world.wishes(10)).at(-1)).toMatchObject({ kind: "bad_email_lifted", by: "Anna" });
  expect((await world.listOf(at(10))).at(-1)).toMatchObject({
    type: "resubscribe",
    reason: "Mail came back by mistake: the address is good",
  });
  await sendWritebacksNow(own.ctx);
  await world.tick();
  expect(await toldOf(world, at(10))).toEqual({ flags: ["1", "0"], lines: 2 });
  expect((await toldOf(world, at(11))).flags).toEqual([]);
  // What goes back and forth changes nobody's standing.
  await own.sync("Everybody");
  expect(await Promise.all([world.standing(10), world.standing(11)])).toEqual(["sendable", "sendable"]);
});

test("4.5 a flood: applied, who was marked all the time stays so, is told once, and isn't held again by what comes later", async () => {
  const world = await createFlooded();
  const { own, instance, at, clock } = world;
  await world.bounceAll(1, 10);
  await sendWritebacksNow(own.ctx);
  await world.tick();
  await world.bounceAll(11, 51);
  clock.advance({ minutes: 5 });
  await applyHeldBounces(own.ctx, instance.id);
  expect(await world.bounce(52)).toBe("held");
  expect(await world.bad()).toEqual(range(1, 51));
  expect(await listHeldBounces(own.ctx)).toMatchObject([{ people: 1, stillMarked: 0 }]);
  await sendWritebacksNow(own.ctx);
  await world.tick();
  expect((await toldOf(world, at(10))).flags).toEqual(["1"]);
  expect((await toldOf(world, at(11))).flags).toEqual(["1"]);
});

test("4.5 a flood takes back its own marks alone: not those of before, of an hour ago, nor what a person or the AMS said", async () => {
  const world = await createFlooded();
  const { own, at, clock } = world;
  await run(own, (tx) => markBadEmail(tx, own.ctx, [at(1)], "found bad by another mailing"));
  await world.bounce(2);
  clock.advance({ minutes: 61 });
  await world.unsubscribe(at(3));
  await world.bounce(1);
  await world.bounceAll(3, 20);
  await world.unsubscribe(at(5));
  // An administrator knows that the address works: that decision is newer than the bounce.
  await resubscribePerson(own.ctx, at(6), "called them");
  const before = await world.writebacks(6);
  await world.bounceAll(21, 53);
  expect(await world.bad()).toEqual([1, 2]);
  expect(await Promise.all([3, 5, 6].map(world.standing))).toEqual(["unsubscribed", "unsubscribed", "sendable"]);
  expect(await world.writebacks(3)).toEqual(["unsubscribe ready"]);
  expect(await world.writebacks(5)).toEqual(["bad_email withdrawn", "unsubscribe ready"]);
  expect(await world.writebacks(6), "the administrator's word goes").toEqual(before);
  const held = await listHeldOf(own.ctx, world.instance.id, { limit: 100 });
  expect(held.map(({ place }) => place)).toEqual([3, 4, 5, ...range(7, 53)]);
  await discardHeldBounces(own.ctx, world.instance.id);
  expect(await world.bad(), "older marks aren't the flood's").toEqual([1, 2]);
});

test("4.5 a flood: a Resubscribe whose place the bounce had taken goes after all", async () => {
  const world = await createFlooded();
  const { own, at } = world;
  await world.unsubscribe(at(1));
  await sendWritebacksNow(own.ctx);
  await world.tick();
  await resubscribePerson(own.ctx, at(1), "by phone");
  await world.bounceAll(1, 51);
  expect(await world.writebacks(1)).toEqual(["unsubscribe sent", "resubscribe ready", "bad_email withdrawn"]);
  expect((await listWritebacks(own.ctx, { limit: 200, states: ["ready"] })).length).toBe(1);
});

test("2.1 4.5 a flood: an address that two records share is taken back for both, or for neither where one was told of", async () => {
  const world = await createFlooded();
  const { own, at, query } = world;
  const twin = async (place: number) => {
    const [row] = await query(sql<{ id: number }>`
      insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
      select account_id, gen_random_uuid()::text, email, email_key, created_at, updated_at from subscriber where id = ${at(place)}
      returning id`);
    return must(row, "inserted").id;
  };
  const [both, neither] = [await twin(1), await twin(2)];
  await world.bounceAll(1, 2);
  const key = await world.keyOf(neither);
  await query(sql`update writeback set state = 'sent', ended_at = now() where remote_id = ${key}`);
  await world.bounceAll(3, 51);
  expect(await world.bad()).toEqual([2]);
  const standing = async (id: number) => (await findSubscriber(own.ctx, id)).standing;
  expect([await standing(both), await standing(neither)]).toEqual(["sendable", "bad_email"]);
  expect(await world.writebacks(2), "nor is the other record's withdrawn").toEqual(["bad_email ready"]);
});
