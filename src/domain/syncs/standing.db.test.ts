import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { beginHistory, goThrough, writebacksOf } from "../../../test/harness/history.ts";
import { checkInvariants } from "../../../test/harness/invariants.ts";
import { Lane, type TwoSystems } from "../../../test/harness/two-systems.ts";
import { openWorld } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { findSubscriber } from "../subscribers/find-subscribers.ts";

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

const begin = () => beginHistory(lane);
const writebacks = (systems: TwoSystems, person: number) => writebacksOf(world, systems, person);
const origin = async (systems: TwoSystems, id: number) => (await findSubscriber(systems.own.ctx, id)).doNotEmailOrigin;

test("2.4 the flag that our own writeback set is not the AMS's no, and an administrator lifts it in both", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  await systems.unsubscribe(id);
  await goThrough(systems);
  await systems.sync(0);
  expect(systems.flag(0)).toBe(true);
  expect([await systems.standing(0), await origin(systems, id)]).toEqual(["unsubscribed", "here"]);
  await systems.resubscribe(id, "administrator");
  expect([await systems.standing(0), await origin(systems, id)]).toEqual(["sendable", null]);
  await systems.sync(0);
  expect(await systems.standing(0), "the AMS still says so, but an administrator said otherwise since").toBe(
    "sendable",
  );
  await goThrough(systems);
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["sendable", false]);
});

test("2.4 a read that began before a Resubscribe was sent brings back no flag of ours", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  await systems.unsubscribe(id);
  await goThrough(systems);
  await systems.beginSync(0);
  await systems.resubscribe(id, "administrator");
  await goThrough(systems);
  await systems.applySync(0);
  expect(await systems.standing(0)).toBe("sendable");
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["sendable", false]);
});

test("2.4 a flag that the AMS's people set after our Resubscribe is the AMS's no", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  await systems.unsubscribe(id);
  await goThrough(systems);
  await systems.resubscribe(id, "administrator");
  await goThrough(systems);
  systems.setFlag(0, true);
  await systems.sync(0);
  expect([await systems.standing(0), await origin(systems, id)]).toEqual(["do_not_email", "ams"]);
});

test("2.4 a read that is older than what is known of the flag does not lift it", async () => {
  await using systems = await begin();
  await systems.beginSync(0);
  systems.setFlag(0, true);
  await systems.sync(1);
  expect(await systems.standing(0)).toBe("do_not_email");
  await systems.applySync(0);
  expect(await systems.standing(0), "read before the flag was set").toBe("do_not_email");
  systems.setFlag(0, false);
  await systems.sync(0);
  expect(await systems.standing(0)).toBe("sendable");
});

test("2.4 an administrator lifts nothing of the AMS's own, though the person had unsubscribed here, too", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  systems.setFlag(0, true);
  await systems.sync(0);
  await systems.unsubscribe(id);
  await systems.resubscribe(id, "administrator");
  await goThrough(systems);
  expect(await writebacks(systems, 0)).toEqual(["unsubscribe withdrawn"]);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["do_not_email", true]);
});

test("2.4 a Resubscribe lifts no flag where none of ours has reached the AMS: what its people set meanwhile stays", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  systems.setFlag(0, true);
  await systems.unsubscribe(id);
  await systems.resubscribe(id, "administrator");
  await goThrough(systems);
  expect([await writebacks(systems, 0), systems.flag(0)]).toEqual([
    ["unsubscribe superseded", "resubscribe sent"],
    true,
  ]);
  await systems.sync(0);
  expect(await systems.standing(0)).toBe("do_not_email");
});

test.each(["waits", "has failed"])(
  "2.4 what %s sets no flag that is known as the AMS's: lifted there unseen, it would come back as theirs",
  async (what) => {
    await using systems = await begin();
    const id = await systems.id(0);
    await systems.unsubscribe(id);
    if (what === "has failed") await systems.send("is refused", () => {});
    systems.setFlag(0, true);
    await systems.sync(0);
    systems.setFlag(0, false);
    await systems.retryFailed();
    await goThrough(systems);
    expect(await writebacks(systems, 0)).toEqual(["unsubscribe sent"]);
    expect(systems.flag(0), "the AMS is told, its flag left").toBe(false);
    await systems.sync(0);
    expect([await systems.standing(0), await origin(systems, id)]).toEqual(["unsubscribed", null]);
    await goThrough(systems);
    await systems.sync(0);
    expect([systems.flag(0), await origin(systems, id)]).toEqual([true, "here"]);
    await systems.resubscribe(id, "administrator");
    await goThrough(systems);
    await systems.sync(0);
    expect([systems.flag(0), await systems.standing(0)], "the flag was ours to lift").toEqual([false, "sendable"]);
  },
);

test("2.4 a no said while the AMS says so sets the flag once its people have lifted theirs", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  systems.setFlag(0, true);
  await systems.sync(0);
  await systems.unsubscribe(id);
  systems.setFlag(0, false);
  await systems.sync(0);
  expect([await systems.standing(0), await origin(systems, id)]).toEqual(["unsubscribed", null]);
  await goThrough(systems);
  await systems.sync(0);
  expect([systems.flag(0), await origin(systems, id)]).toEqual([true, "here"]);
  expect(await writebacks(systems, 0)).toEqual(["unsubscribe superseded", "unsubscribe sent"]);
});

test("5.1 a person's own resubscribe undoes what was not sent, and lifts no flag that was", async () => {
  await using systems = await begin();
  const id = await systems.id(0);
  await systems.unsubscribe(id);
  await systems.resubscribe(id, "person");
  expect(await systems.standing(0)).toBe("sendable");
  await systems.unsubscribe(id);
  await goThrough(systems);
  await systems.resubscribe(id, "person");
  expect([await systems.standing(0), await origin(systems, id)]).toEqual(["do_not_email", "here"]);
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["do_not_email", true]);
  await systems.resubscribe(id, "administrator");
  await goThrough(systems);
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["sendable", false]);
  expect(await writebacks(systems, 0)).toEqual(["unsubscribe withdrawn", "unsubscribe sent", "resubscribe sent"]);
});

test("2.4 a flag that the AMS's people lift while the no stands here is set again, once for each time", async () => {
  await using systems = await begin();
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  for (const times of [2, 3]) {
    systems.setFlag(0, false);
    await systems.sync(0);
    expect(await systems.standing(0)).toBe("unsubscribed");
    await systems.sync(0);
    await systems.sync(1);
    await goThrough(systems);
    expect(systems.flag(0)).toBe(true);
    expect(await writebacks(systems, 0)).toEqual(Array(times).fill("unsubscribe sent"));
  }
  const [last] = await world.query(sql<{ reason: string }>`
    select reason from writeback where remote_id = ${systems.key(0)} order by id desc limit 1`);
  expect(last?.reason).toContain("lifted in the AMS");
});

test("2.1 a bad e-mail is the address's: with another one the flag is lifted again, and set when the person returns to it", async () => {
  await using systems = await begin();
  await systems.markBadEmail(await systems.id(0));
  await goThrough(systems);
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["bad_email", true]);
  const bad = systems.address(0);
  systems.own.changePerson(systems.index(0), { cst_eml_address_dn: `new-${bad}` });
  await systems.sync(0);
  expect(await systems.standing(0)).toBe("sendable");
  await goThrough(systems);
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["sendable", false]);
  systems.own.changePerson(systems.index(0), { cst_eml_address_dn: bad });
  await systems.sync(0);
  await goThrough(systems);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["bad_email", true]);
  expect(await writebacks(systems, 0)).toEqual(["bad_email sent", "resubscribe sent", "bad_email sent"]);
});

test("2.1 a bounce of an address that the AMS has given up says nothing of the person", async () => {
  await using systems = await begin();
  const former = await systems.id(0);
  systems.own.changePerson(systems.index(0), { cst_eml_address_dn: `new-${systems.address(0)}` });
  await systems.sync(0);
  await systems.markBadEmail(former);
  await goThrough(systems);
  expect([await systems.standing(0), systems.flag(0), await writebacks(systems, 0)]).toEqual(["sendable", false, []]);
});

test("2.4 an unsubscribe follows the person to a new address, and is not written back twice", async () => {
  await using systems = await begin();
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  systems.own.changePerson(systems.index(0), { cst_eml_address_dn: `new-${systems.address(0)}` });
  await systems.sync(0);
  expect([await systems.standing(0), systems.flag(0)]).toEqual(["unsubscribed", true]);
  expect(await writebacks(systems, 0)).toEqual(["unsubscribe sent"]);
});

test("2.4 a no holds for whoever comes with the address later, and theirs is written back", async () => {
  await using systems = await begin();
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  systems.setAddress(1, 0);
  systems.drop(0, 0);
  await systems.sync(0);
  expect(await systems.standing(1)).toBe("unsubscribed");
  await goThrough(systems);
  expect(systems.flag(1)).toBe(true);
  const everywhere = (await systems.entries()).filter(({ remoteId }) => remoteId === systems.key(1));
  expect(
    everywhere.map(({ standing }) => standing),
    "at the address before, too",
  ).toEqual(["unsubscribed", "unsubscribed"]);
});

test("2.4 whose records the AMS merges keeps the no under the key that is left", async () => {
  await using systems = await begin();
  await systems.unsubscribe(await systems.id(0));
  systems.merge(0, 1);
  await goThrough(systems);
  expect(await writebacks(systems, 0), "nobody has the key any more").toEqual(["unsubscribe failed"]);
  await systems.sync(0);
  expect(await systems.standing(1)).toBe("unsubscribed");
  await goThrough(systems);
  expect([systems.flag(1), await writebacks(systems, 1)]).toEqual([true, ["unsubscribe sent"]]);
});

test("2.2 an uploaded person's no is written back once the AMS brings the address", async () => {
  await using systems = await begin();
  const address = `uploaded-${systems.address(0)}`;
  await world.query(sql`insert into subscriber (account_id, email, email_key, created_at, updated_at)
    values (${systems.own.ctx.accountId}, ${address}, ${address}, now(), now())`);
  const uploaded = must(
    (await systems.entries()).find((entry) => entry.address === address),
    "it was uploaded",
  );
  await systems.unsubscribe(uploaded.id);
  systems.own.changePerson(systems.index(0), { cst_eml_address_dn: address });
  await systems.sync(0);
  expect([await systems.id(0), await systems.standing(0)]).toEqual([uploaded.id, "unsubscribed"]);
  await goThrough(systems);
  expect([systems.flag(0), await writebacks(systems, 0)]).toEqual([true, ["unsubscribe sent"]]);
});

test("2.4 who leaves and returns comes back with the no", async () => {
  await using systems = await begin();
  await systems.unsubscribe(await systems.id(0));
  await goThrough(systems);
  for (const group of [0, 1]) {
    systems.drop(0, group);
    await systems.sync(group);
  }
  systems.setFlag(0, false);
  systems.take(0, 0);
  await systems.sync(0);
  expect(await systems.standing(0)).toBe("unsubscribed");
  await goThrough(systems);
  expect(systems.flag(0)).toBe(true);
});
