import { sql } from "kysely";
import { expect, test } from "vitest";
import { createInstance } from "../../../test/harness/mailing.ts";
import { createWorld } from "../../../test/harness/world.ts";
import { newId } from "../../platform/ids.ts";
import { unsubscribePerson } from "../subscribers/change-person-wish.ts";
import { verifyData } from "./verify.ts";
import { findLastVerification, verifyIfDue } from "./verify-nightly.ts";

test("6.3 the data are checked once a night, and what was found is kept", async () => {
  const world = await createWorld({ startsAt: "2030-03-04T04:50:00Z" });
  const { own, ctx, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  expect(await verifyIfDue(ctx)).toBeNull();
  clock.advance({ minutes: 15 });
  const both = await Promise.all([verifyIfDue(ctx), verifyIfDue(ctx)]);
  expect(both.filter((one) => one !== null)).toEqual([[]]);
  expect(await verifyIfDue(ctx)).toBeNull();
  const { id } = await own.group("Everybody");
  await world.query(
    sql`update target_group set sendable = sendable - 1, do_not_email = do_not_email + 1 where id = ${id}`,
  );
  clock.advance({ hours: 24 });
  const findings = await verifyIfDue(ctx);
  expect(findings).toEqual([{ rule: "1.6 counts equal members", message: expect.stringContaining("Everybody") }]);
  expect(await findLastVerification(ctx)).toMatchObject({ findings, finishedAt: expect.anything() });
  await world.query(
    sql`update target_group set sendable = sendable + 1, do_not_email = do_not_email - 1 where id = ${id}`,
  );
});

test("5.2 a writeback that nobody has in hand, and one superseded by another person's, are found", async () => {
  const { own, ctx, query } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const people = await query(sql<{ id: number }>`select min(id) as id from subscriber where standing = 'sendable'
    group by email_key having count(*) = 1 order by 1 limit 2`);
  for (const { id } of people) await unsubscribePerson(own.ctx, id, "by phone");
  expect(await verifyData(ctx)).toEqual([]);
  await query(sql`update writeback set state = 'processing', session_id = gen_random_uuid()`);
  expect((await verifyData(ctx)).map(({ rule }) => rule)).toEqual(Array(2).fill("5.2 no writeback is stuck"));
  await query(sql`update writeback set state = 'superseded', session_id = null, ended_at = now(),
    superseded_by = (select max(id) from writeback) where id = (select min(id) from writeback)`);
  await query(sql`update writeback set state = 'ready', session_id = null where state = 'processing'`);
  expect((await verifyData(ctx)).map(({ rule }) => rule)).toEqual([
    "5.2 a superseded writeback has a later one of the same person",
  ]);
  await query(sql`update writeback set state = 'ready', superseded_by = null, ended_at = null`);
});

test("4.2 recipients without an instance are refused by their first, and a gap in their places is found", async () => {
  const { own, ctx, query } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const { id } = await createInstance(own.ctx, { to: 3 });
  expect(await verifyData(ctx)).toEqual([]);
  const copy = (instance: string) =>
    query(sql`insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key)
      select account_id, ${instance}::uuid, place, subscriber_id, email, email_key from recipient where instance_id = ${id}`);
  await expect(copy(newId())).rejects.toThrow("which is not in account");
  await query(sql`delete from recipient where instance_id = ${id} and place = 2`);
  expect((await verifyData(ctx)).map(({ rule }) => rule)).toEqual([
    "4.2 recipients stand from place 1 on, without gaps",
  ]);
  await query(sql`delete from recipient where instance_id = ${id} and place = 3`);
});

test("5.3 writebacks that are counted wrongly are found", async () => {
  const { own, ctx, query } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const [first] = await query(sql<{ id: number }>`select min(id) as id from subscriber where standing = 'sendable'`);
  await unsubscribePerson(own.ctx, first?.id ?? 0, "by phone");
  expect(await verifyData(ctx)).toEqual([]);
  await query(sql`update writeback_count set change = change + 1`);
  expect((await verifyData(ctx)).map(({ message }) => message)).toEqual([
    expect.stringMatching(/has 1 writebacks in state ready, and 2 are counted/),
  ]);
  await query(sql`update writeback_count set change = change - 1`);
});

test("2.6 a recipient whose address is another than their subscriber's is found: erasing the person would miss it", async () => {
  const { own, ctx, query } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const { recipients } = await createInstance(own.ctx);
  // The AMS may spell an address anew: it is the same, and the mailing keeps what it was sent to.
  await query(sql`update subscriber set email = upper(email) where id = ${recipients[0]?.subscriberId}`);
  expect(await verifyData(ctx)).toEqual([]);
  const wrong = (found: string) => [
    { rule: "2.6 a recipient has their subscriber's address", message: expect.stringContaining(found) },
  ];
  await query(sql`update recipient set email_key = 'x' || email_key where place = 2`);
  expect(await verifyData(ctx)).toEqual(wrong("place 2"));
  await query(sql`update recipient set email_key = substr(email_key, 2) where place = 2`);
  await query(sql`update recipient set subscriber_id = -subscriber_id where place = 3`);
  expect(await verifyData(ctx), "nor is somebody that isn't there").toEqual(wrong("place 3"));
  await query(sql`update recipient set subscriber_id = -subscriber_id where place = 3`);
});
