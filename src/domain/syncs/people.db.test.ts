import { sql } from "kysely";
import { expect, test } from "vitest";
import { keyOf } from "../../../simulator/guid.ts";
import { expectInStep } from "../../../test/harness/truth.ts";
import { type Account, createWorld, type World } from "../../../test/harness/world.ts";

async function createListedWorld(): Promise<World> {
  const world = await createWorld();
  await world.own.listSync();
  return world;
}

interface Person {
  readonly id: number;
  readonly remoteId: string | null;
  readonly email: string;
  readonly standing: string;
  readonly isMember: boolean;
}

/** Every subscriber with this key, oldest first. */
function findPeople({ query }: World, remoteId: string): Promise<readonly Person[]> {
  return query(sql<Person>`
    select id, remote_id as "remoteId", email, standing,
      exists (select from membership m where m.subscriber_id = s.id and m.removed_by is null) as "isMember"
    from subscriber s where remote_id = ${remoteId} order by id`);
}

const keyOfPerson = (account: Account, index: number) => keyOf(index, account.simulator.state.people.seed);

/** As a person, or an administrator, would; the doors for it come with the pages. */
async function unsubscribe({ query }: World, id: number): Promise<void> {
  await query(sql`update subscriber set unsubscribed_at = '2030-03-01T00:00:00Z', unsubscribe_origin = 'person',
    unsubscribe_reason = 'too many' where id = ${id}`);
}

test("2.1 one address under two remote IDs is two subscribers, of which the group takes the first", async () => {
  const world = await createListedWorld();
  const { own } = world;
  own.changePerson(10, { cst_eml_address_dn: "Shared@Example.org" });
  own.changePerson(20, { cst_eml_address_dn: "shared@example.ORG" });
  await own.sync("Everybody");
  const [first] = await findPeople(world, keyOfPerson(own, 10));
  const [second] = await findPeople(world, keyOfPerson(own, 20));
  expect(first).toMatchObject({ email: "Shared@Example.org", isMember: true }); // stored as given
  expect(second).toMatchObject({ email: "shared@example.ORG", isMember: false });
  await expectInStep(own, "Everybody");
});

test("2.1 when the first of two with one address leaves, the other takes the place", async () => {
  const world = await createListedWorld();
  const { own } = world;
  own.changePerson(10, { cst_eml_address_dn: "shared@example.org" });
  own.changePerson(20, { cst_eml_address_dn: "shared@example.org" });
  await own.sync("Everybody");
  own.changePerson(10, { cst_eml_address_dn: "" });
  expect(await own.sync("Everybody")).toMatchObject({ added: 1, removed: 1 });
  expect((await findPeople(world, keyOfPerson(own, 20)))[0]).toMatchObject({ isMember: true });
  await expectInStep(own, "Everybody");
});

test("2.1 an address that changes its letters' case only stays the same subscriber", async () => {
  const world = await createListedWorld();
  const { own } = world;
  own.changePerson(10, { cst_eml_address_dn: "ana@Müller.example" });
  await own.sync("Everybody");
  own.changePerson(10, { cst_eml_address_dn: "ANA@xn--MLLER-kva.example" });
  expect(await own.sync("Everybody")).toMatchObject({ added: 0, removed: 0, updated: 1 });
  const people = await findPeople(world, keyOfPerson(own, 10));
  expect(people).toMatchObject([{ email: "ANA@xn--MLLER-kva.example", isMember: true }]);
});

test("2.2 an uploaded subscriber is tied to the AMS's record that comes with the address", async () => {
  const world = await createListedWorld();
  const { own, query } = world;
  own.changePerson(10, { cst_eml_address_dn: "Uploaded@example.org" });
  await query(sql`insert into subscriber (account_id, email, email_key, unsubscribed_at, unsubscribe_origin, created_at, updated_at)
    values (${own.ctx.accountId}, 'uploaded@example.org', 'uploaded@example.org', now(), 'person', now(), now()),
      (${own.ctx.accountId}, 'nobody@example.org', 'nobody@example.org', null, null, now(), now())`);
  await own.sync("Everybody");
  const tied = await query(sql<{ remoteId: string | null; email: string; standing: string }>`
    select remote_id as "remoteId", email, standing from subscriber
    where email_key in ('uploaded@example.org', 'nobody@example.org') order by id`);
  expect(tied).toEqual([
    { remoteId: keyOfPerson(own, 10), email: "Uploaded@example.org", standing: "unsubscribed" },
    { remoteId: null, email: "nobody@example.org", standing: "sendable" },
  ]);
  await expectInStep(own, "Everybody");
});

test("2.3 what a sync brings overwrites what it brought before, never an unsubscribe made here", async () => {
  const world = await createListedWorld();
  const { own } = world;
  await own.sync("Everybody");
  const [person] = await findPeople(world, keyOfPerson(own, 10));
  await unsubscribe(world, person?.id ?? 0);
  const before = (await own.group("Everybody")).counts;
  expect(before.unsubscribed).toBe(1);
  await own.sync("Everybody");
  own.changePerson(10, { cst_no_email_flag: "1" });
  await own.sync("Everybody");
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([{ standing: "do_not_email" }]);
  own.changePerson(10, { cst_no_email_flag: "0" });
  await own.sync("Everybody");
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([{ standing: "unsubscribed" }]);
  expect((await own.group("Everybody")).counts).toEqual(before);
});

test("2.3 a bad e-mail found here stays with the address, whatever the AMS brings", async () => {
  const world = await createListedWorld();
  const { own, query } = world;
  await own.sync("Everybody");
  await query(sql`update subscriber set bad_email_at = now() where remote_id = ${keyOfPerson(own, 10)}`);
  await own.sync("Everybody");
  expect((await own.group("Everybody")).counts.badEmail).toBe(1);
  own.changePerson(10, { cst_eml_address_dn: "mended@example.org" });
  await own.sync("Everybody");
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([
    { standing: "bad_email", isMember: false },
    { email: "mended@example.org", standing: "sendable", isMember: true },
  ]);
  expect((await own.group("Everybody")).counts.badEmail).toBe(0);
});

test("2.4 do-not-email is the AMS's: it sets it and it alone lifts it", async () => {
  const world = await createListedWorld();
  const { own } = world;
  own.changePerson(10, { cst_no_email_flag: "1" });
  await own.sync("Everybody");
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([{ standing: "do_not_email", isMember: true }]);
  own.changePerson(10, { cst_no_email_flag: "0" });
  await own.sync("Everybody");
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([{ standing: "sendable", isMember: true }]);
});

test("2.4 an unsubscribe follows the person to another address", async () => {
  const world = await createListedWorld();
  const { own } = world;
  await own.sync("Everybody");
  const [person] = await findPeople(world, keyOfPerson(own, 10));
  await unsubscribe(world, person?.id ?? 0);
  own.changePerson(10, { cst_eml_address_dn: "elsewhere@example.org" });
  expect(await own.sync("Everybody")).toMatchObject({ added: 1, removed: 1 });
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([
    { standing: "unsubscribed", isMember: false },
    { email: "elsewhere@example.org", standing: "unsubscribed", isMember: true },
  ]);
  expect((await own.group("Everybody")).counts.unsubscribed).toBe(1);
});

test("2.4 an unsubscribe follows the person back to the first address", async () => {
  const world = await createListedWorld();
  const { own } = world;
  own.changePerson(10, { cst_eml_address_dn: "first@example.org" });
  await own.sync("Everybody");
  own.changePerson(10, { cst_eml_address_dn: "second@example.org" });
  await own.sync("Everybody");
  const [, second] = await findPeople(world, keyOfPerson(own, 10));
  await unsubscribe(world, second?.id ?? 0);
  own.changePerson(10, { cst_eml_address_dn: "first@example.org" });
  await own.sync("Everybody");
  expect(await findPeople(world, keyOfPerson(own, 10))).toMatchObject([
    { email: "first@example.org", standing: "unsubscribed", isMember: true },
    { email: "second@example.org", standing: "unsubscribed", isMember: false },
  ]);
});

test("1.6 an unsubscribe or a bounce moves the counts of every group that holds the person, at once", async () => {
  const world = await createListedWorld();
  const { own, query } = world;
  await own.sync("Everybody");
  await own.sync("Board");
  const before = [(await own.group("Everybody")).counts, (await own.group("Board")).counts];
  const [shared] = await query(sql<{ id: number }>`
    select subscriber_id as id from membership m join subscriber s on s.id = m.subscriber_id
    where s.standing = 'sendable' group by 1 having count(*) = 2 limit 1`);
  await unsubscribe(world, shared?.id ?? 0);
  const after = [(await own.group("Everybody")).counts, (await own.group("Board")).counts];
  for (const [at, counts] of before.entries()) {
    expect(after[at]).toEqual({ ...counts, unsubscribed: 1, sendable: counts.sendable - 1 });
  }
});
