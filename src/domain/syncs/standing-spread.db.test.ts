import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { beginHistory, goThrough, writebacksOf } from "../../../test/harness/history.ts";
import { checkInvariants } from "../../../test/harness/invariants.ts";
import { Lane, type TwoSystems } from "../../../test/harness/two-systems.ts";
import { openWorld } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";

/**
 * What one entry of a person knows, and the others must: bad addresses, flags, former addresses, the no that a sync
 * carries to somebody whom it didn't read. Each test holds what nothing held, or random histories alone, when it was
 * broken in the source. Which rule is held by which test (S: `standing.db.test.ts`, W: `writebacks-queued.db.test.ts`,
 * C: `change-wish.db.test.ts`, here: this file):
 *
 * | rule, as it was broken | held by |
 * |---|---|
 * | a bad address: new entries take it over (`spreadBadEmails`); the AMS is told of theirs (`selectKeysToSettle`) | here, *whoever comes with a bad address* |
 * | all who have the address, and nobody else of the person (`updateBadEmail`) | C, *a bad e-mail is the address's*; S, *an address that the AMS has given up* |
 * | a former address says nothing of the key (`selectKeyFacts`) | S, *an address that the AMS has given up* |
 * | a bounce is owed to the AMS (`markBadEmail`) | W, *every door queues*; S, *with another one the flag is lifted again* |
 * | flags: the AMS's no, and its end, under former addresses (`spreadFlags`) | here, *the AMS's own no, and its end* |
 * | ours stays with the present address (`spreadFlags`) | S, *with another one the flag is lifted again* |
 * | an administrator lifts ours under all (`updateFlag`) | here, *under all addresses that a person had* |
 * | former addresses: marked (`markFormer`), own again on return (`updateChanged`) | S, *an address that the AMS has given up*, *when the person returns to it* |
 * | the one in between marked on return, its digest dropped (`markFormer`) | here, *who returns to a former address* |
 * | marked where an upload was tied (`writePeople`) | here, *whose new address was uploaded before* |
 * | a flag under a former address is known to a read (`selectDoubtfulFlags`, `knownAt`) | here, *older than the AMS's no* |
 * | what is owed names the present address (`selectKeyFacts`) | here, *names the address that the person has now* |
 * | carried: keys of the read, keys that the no reached (`writePeople`) | S, *is set again, once for each time*; here, *without reading them* |
 * | by address, by key, from one to the next (`spreadUnsubscribes`) | S, *whoever comes with the address later* |
 * | withdrawn, what it superseded goes after all (`withdrawNotBegun`) | W, *what a withdrawn unsubscribe had taken the place of* |
 * | the administrator's lift (`liftOf`, `liftInAms`): forgets ours, lifts bad addresses, not the AMS's, nothing that ours never set | S, the first five; C, *only an administrator lifts it* |
 * | a person's own lifts nothing that was sent | S, *a person's own resubscribe* |
 * | unless an administrator's waits | here, *as the administrator left them* |
 *
 * Whom a sync only adds to a group (`joins` in `spreadUnsubscribes`) spreads nothing that was not spread before: broken,
 * nothing changes, by these tests and by the histories.
 */

let world: Awaited<ReturnType<typeof openWorld>>;
let lane: Lane;
beforeAll(async () => {
  world = await openWorld();
  lane = await Lane.open(world);
});
afterAll(async () => {
  try {
    await checkInvariants(world.ctx);
  } finally {
    await world[Symbol.asyncDispose]();
  }
});

const writebacks = (systems: TwoSystems, person: number) => writebacksOf(world, systems, person);
const entryAt = async (systems: TwoSystems, letter: string) =>
  must(
    (await systems.entries()).find(({ address }) => address.startsWith(`${letter}@`)),
    "somebody has the address",
  );

test("2.1 whoever comes with a bad address has a bad address, and the AMS is told of theirs", async () => {
  await using systems = await beginHistory(lane);
  await systems.markBadEmail(await systems.id(0));
  await goThrough(systems);
  systems.setAddress(1, 0);
  systems.drop(0, 0);
  await systems.sync(0);
  expect(await systems.standings(1)).toEqual({ a: "bad_email", b: "sendable" });
  await goThrough(systems);
  expect([systems.flag(1), await writebacks(systems, 1)]).toEqual([true, ["bad_email sent"]]);
});

test("2.4 the AMS's own no, and its end, hold for the addresses that a person had before", async () => {
  await using systems = await beginHistory(lane);
  systems.setAddress(0, 2);
  systems.setFlag(0, true);
  await systems.sync(0);
  expect(await systems.standings(0)).toEqual({ a: "do_not_email", c: "do_not_email" });
  systems.setFlag(0, false);
  await systems.sync(0);
  expect(await systems.standings(0)).toEqual({ a: "sendable", c: "sendable" });
});

test("2.4 a flag of ours that an administrator lifts is lifted under all addresses that a person had", async () => {
  await using systems = await beginHistory(lane);
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  await systems.sync(0);
  systems.setAddress(0, 2);
  await systems.sync(0);
  expect(await systems.standings(0)).toEqual({ a: "unsubscribed", c: "unsubscribed" });
  await systems.resubscribe(await systems.id(0), "administrator");
  expect(await systems.standings(0)).toEqual({ a: "sendable", c: "sendable" });
});

test("2.1 who returns to a former address has it as their own again, and the one in between is former", async () => {
  await using systems = await beginHistory(lane);
  for (const address of [2, 0]) {
    systems.setAddress(0, address);
    await systems.sync(0);
  }
  await systems.markBadEmail((await entryAt(systems, "c")).id);
  await goThrough(systems);
  expect([await systems.standings(0), await writebacks(systems, 0)]).toEqual([{ a: "sendable", c: "bad_email" }, []]);
  await systems.markBadEmail(await systems.id(0));
  await goThrough(systems);
  expect([systems.flag(0), await writebacks(systems, 0)]).toEqual([true, ["bad_email sent"]]);
});

test("2.4 a read that is older than the AMS's no, and brings another address, does not lift it", async () => {
  await using systems = await beginHistory(lane);
  systems.setAddress(0, 2);
  await systems.beginSync(0);
  systems.setAddress(0, 0);
  systems.setFlag(0, true);
  await systems.sync(1);
  expect(await systems.standing(0)).toBe("do_not_email");
  await systems.applySync(0);
  expect(await systems.standings(0)).toEqual({ a: "do_not_email", c: "do_not_email" });
  systems.setFlag(0, false);
  await systems.sync(0);
  expect(await systems.standings(0), "by one read, though it brings the other address back").toEqual({
    a: "sendable",
    c: "sendable",
  });
});

test("2.2 a person whose new address was uploaded before has left the old one: its bounce says nothing of them", async () => {
  // An account of its own, in which nobody has left an address yet: whoever has, is looked after anyhow.
  await using systems = await beginHistory(await Lane.open(world));
  await systems.upload(2);
  systems.setAddress(0, 2);
  await systems.sync(0);
  await systems.markBadEmail((await entryAt(systems, "a")).id);
  await goThrough(systems);
  expect([await systems.standing(0), systems.flag(0), await writebacks(systems, 0)]).toEqual(["sendable", false, []]);
});

test("5.1 what a sync owes the AMS names the address that the person has now", async () => {
  await using systems = await beginHistory(lane);
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  systems.setAddress(0, 2);
  await systems.sync(0);
  systems.setFlag(0, false);
  await systems.sync(0);
  const rows = await world.query(
    sql<{ email: string }>`select email from writeback where remote_id = ${systems.key(0)} order by id`,
  );
  expect(rows.map(({ email }) => email.slice(0, 2))).toEqual(["a@", "c@"]);
});

test("2.4 a no reaches whom a read links to it without reading them, and is written back for them", async () => {
  await using systems = await beginHistory(lane);
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  systems.drop(1, 0);
  systems.setAddress(0, 1);
  await systems.sync(0);
  expect(await systems.standing(1)).toBe("unsubscribed");
  await goThrough(systems);
  expect([systems.flag(1), await writebacks(systems, 1)]).toEqual([true, ["unsubscribe sent"]]);
});

test("5.1 who says no and takes it back while an administrator's Resubscribe waits is as the administrator left them", async () => {
  await using systems = await beginHistory(lane);
  const id = await systems.id(0);
  await systems.unsubscribe(id);
  await goThrough(systems);
  await systems.resubscribe(id, "administrator");
  await systems.unsubscribe(id);
  await systems.resubscribe(id, "person");
  expect(await systems.standing(0)).toBe("sendable");
  await goThrough(systems);
  expect([systems.flag(0), await writebacks(systems, 0)]).toEqual([
    false,
    ["unsubscribe sent", "resubscribe sent", "unsubscribe withdrawn"],
  ]);
});
