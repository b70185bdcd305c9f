import { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { onServer } from "../../../test/harness/postgres.ts";
import { sendMailings } from "../../../test/harness/sent-mailings.ts";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { newId } from "../../platform/ids.ts";
import { changeAccount } from "../accounts/change-account.ts";
import { eraseOldValues } from "../mailings/publish/sweep.ts";
import { findReport, findReportPart } from "../mailings/report/find-report.ts";
import { forgetValues } from "../subscribers/forget-values.ts";
import { findGroupHistory } from "../syncs/group-history.ts";
import { listMembers } from "../syncs/look-back.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { receiveUpload } from "../uploads/receive-upload.ts";
import { forgetOldUploads } from "../uploads/sweep-uploads.ts";
import { keepHouse, listHousekeeping, requestHousekeeping } from "./keep-house.ts";

const counts = ({ query }: World) =>
  query<Record<string, number>>(sql`select
    (select count(*) from mailing_activity) as activity, (select count(*) from instance_exclusion) as left_out,
    (select count(*) from sync_event) as events, (select count(*) from rejected_row) as rejected,
    (select count(*) from recipient) as recipients, (select count(*) from membership) as memberships,
    (select count(*) from sync) as syncs`).then(([row]) => row as Record<string, number>);

async function fill(world: World) {
  const { own, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const { id } = await own.group("Everybody");
  const people = await query<{ id: number }>(sql`select id from subscriber order by id limit 120`);
  const [first] = await sendMailings(world, { names: ["First"], to: people.map((one) => one.id), groups: [id] });
  await query(
    sql`update mailing_instance set finished_at = coalesce(finished_at, ${world.clock.now()}), state = 'sent'`,
  );
  if (!first) throw new Error("a mailing was sent");
  return { instance: first, group: id as GroupId };
}

test("2.5 a night removes the detail that an account no longer keeps; reports, recipients and members stay", async () => {
  const world = await createWorld();
  const { own, ctx, clock } = world;
  const { instance } = await fill(world);
  await changeAccount(own.ctx, { mailingDetailKeptDays: 30, syncDetailKeptDays: 30 });
  const before = await counts(world);
  expect(before).toMatchObject({ activity: expect.any(Number), left_out: 23 });
  const report = await findReport(own.ctx, instance);
  const links = await findReportPart(own.ctx, instance, "links");
  await keepHouse(ctx, newId());
  // The syncs are not thirty days old yet, nor is the mailing; its last answers came two days after it.
  clock.advance({ hours: 27 * 24 });
  await keepHouse(ctx, newId());
  expect(await counts(world)).toEqual(before);
  clock.advance({ hours: 4 * 24 });
  await keepHouse(ctx, newId());
  const after = await counts(world);
  expect(after).toEqual({ ...before, activity: 0, left_out: 0, events: 0, rejected: before.rejected });
  const [last] = await listHousekeeping(own.ctx, { limit: 1 });
  expect(last).toMatchObject({
    causedBy: "schedule",
    finishedAt: clock.now(),
    removed: { activity: before.activity, left_out: 23, sync_events: before.events },
    errors: {},
  });
  const { exclusions, counts: totals } = await findReport(own.ctx, instance);
  expect({ exclusions, totals }).toEqual({ exclusions: report.exclusions, totals: report.counts });
  expect((await findReportPart(own.ctx, instance, "links")).counts).toEqual(links.counts);
});

test("1.8 members of any moment are told as before, long after the stories of their syncs went", async () => {
  const world = await createWorld();
  const { own, ctx, clock } = world;
  const { group } = await fill(world);
  const then = clock.now();
  own.changePerson(0, { cst_eml_address_dn: "" });
  own.changePerson(1, { cst_eml_address_dn: "another@example.org" });
  await own.sync("Everybody");
  await changeAccount(own.ctx, { syncDetailKeptDays: 30 });
  const told = async () => ({
    sizes: await findGroupHistory(own.ctx, group, {}),
    members: await listMembers(own.ctx, { groupId: group, at: then, limit: 200 }),
  });
  const before = await told();
  clock.advance({ hours: 40 * 24 });
  await keepHouse(ctx, newId());
  expect((await counts(world)).events).toBe(0);
  expect(await told()).toEqual(before);
});

test("2.5 each account has its night once, by its own clock, however many processes ask", async () => {
  const world = await createWorld({ startsAt: "2030-03-04T00:30:00Z", timeZone: "America/New_York" });
  const { own, ctx, clock } = world;
  const other = await world.addAccount({ timeZone: "Asia/Tokyo" });
  const nights = async (account = own) =>
    (await listHousekeeping(account.ctx, { limit: 50 })).map(({ localDate }) => localDate);
  const all = () => Promise.all([keepHouse(ctx, newId()), keepHouse(ctx, newId()), keepHouse(ctx, newId())]);
  await all();
  expect([await nights(), await nights(other)]).toEqual([[], []]);
  clock.advance({ hours: 8 });
  await all();
  await all();
  // 03:30 in New York, 17:30 in Tokyo, whose night was before the account was made.
  expect([await nights(), await nights(other)]).toEqual([["2030-03-04"], []]);
  clock.advance({ hours: 12 });
  await all();
  expect([await nights(), await nights(other)]).toEqual([["2030-03-04"], ["2030-03-05"]]);
  const asked = await requestHousekeeping(own.ctx);
  expect((await requestHousekeeping(own.ctx)).id).toBe(asked.id);
  await all();
  expect(await nights()).toEqual(["2030-03-04", "2030-03-04"]);
});

test("2.5 a run whose process died is gone on with, and one account's detail is never another's", async () => {
  const world = await createWorld();
  const { own, ctx, clock } = world;
  await fill(world);
  const other = await world.addAccount();
  await other.listSync();
  await changeAccount(own.ctx, { syncDetailKeptDays: 30, mailingDetailKeptDays: null });
  const before = await counts(world);
  clock.advance({ hours: 40 * 24 });
  await requestHousekeeping(own.ctx);
  await world.query(
    sql`update housekeeping_run set run_by = ${newId()}, started_at = asked_at, removed = '{"sync_events": 2}'`,
  );
  await keepHouse(ctx, newId());
  const [{ left, others } = { left: -1, others: 0 }] = await world.query<{ left: number; others: number }>(sql`
    select count(*) filter (where account_id = ${own.ctx.accountId}) as left, count(*) filter (where account_id = ${other.ctx.accountId}) as others
    from sync_event`);
  expect(left).toBe(0);
  expect(others).toBeGreaterThan(0);
  expect((await counts(world)).activity).toBe(before.activity);
  const runs = await listHousekeeping(own.ctx, { limit: 5 });
  const taken = runs.find(({ causedBy }) => causedBy !== "schedule");
  expect(taken).toMatchObject({ removed: { sync_events: 2 + (before.events ?? 0) - others }, finishedAt: clock.now() });
});

test("2.5 more than a batch goes batch by batch, each row counted once, and the next night has nothing to do", async () => {
  const world = await createWorld();
  const { own, ctx, clock, query } = world;
  const { instance, group } = await fill(world);
  await changeAccount(own.ctx, { syncDetailKeptDays: 30, mailingDetailKeptDays: 30 });
  await query(sql`insert into sync_event (account_id, sync_id, at, state, message)
    select s.account_id, s.id, ${clock.now()}, 'reading', 'one of many' from sync s, generate_series(1, 6001)`);
  await query(sql`insert into mailing_activity (account_id, instance_id, place, kind, at)
    select ${own.ctx.accountId}::uuid, ${instance}::uuid, 1, 'click', ${clock.now()} from generate_series(1, 12000)`);
  const [sync] = await query<{ id: string }>(sql`select id from sync where kind = 'subscriber'`);
  await query(sql`insert into rejected_row (account_id, group_id, fingerprint, remote_id, email, reason, added_by, removed_by)
    select ${own.ctx.accountId}::uuid, ${group}::uuid, gen_random_uuid(), '', '', 'key_missing', ${sync?.id}::uuid, ${sync?.id}::uuid
    from generate_series(1, 5000)`);
  const before = await counts(world);
  clock.advance({ hours: 40 * 24 });
  await keepHouse(ctx, newId());
  const after = await counts(world);
  expect(after).toMatchObject({ activity: 0, events: 0, rejected: (before.rejected ?? 0) - 5000 });
  const [run] = await listHousekeeping(own.ctx, { limit: 1 });
  expect(run?.removed).toEqual({
    activity: before.activity,
    left_out: before.left_out,
    sync_events: before.events,
    rejected_rows: 5000,
  });
  // The next night has nothing to do, and leaves what is new alone.
  await own.sync("Board");
  const later = await counts(world);
  clock.advance({ hours: 24 });
  await keepHouse(ctx, newId());
  expect(await counts(world)).toEqual(later);
  expect((await listHousekeeping(own.ctx, { limit: 1 }))[0]).toMatchObject({ removed: {}, errors: {} });
});

test("2.5 a step that fails is told by its name, and the others are done all the same", async () => {
  const world = await createWorld();
  const { own, ctx, clock } = world;
  await fill(world);
  await changeAccount(own.ctx, { syncDetailKeptDays: 30, mailingDetailKeptDays: 30 });
  clock.advance({ hours: 40 * 24 });
  await onServer(world.database, (client) =>
    client.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$;
      create trigger refuse before delete on mailing_activity for each statement execute function refuse()`),
  );
  await keepHouse(ctx, newId());
  expect(await counts(world)).toMatchObject({ events: 0, left_out: 0, activity: 79 });
  const [run] = await listHousekeeping(own.ctx, { limit: 1 });
  expect(run).toMatchObject({ finishedAt: clock.now(), errors: { activity: expect.stringContaining("no room") } });
});

test("2.5 values and files that went since the night before stand in the night's report, once, each account's in its own", async () => {
  const world = await createWorld();
  const { own, ctx, clock, query } = world;
  const { instance } = await fill(world);
  const other = await world.addAccount();
  await query(sql`update recipient set "values" = '{"name": "Ada"}' where instance_id = ${instance} and place <= 7`);
  await changeAccount(own.ctx, { valuesKeptDays: 1 });
  for (const account of [own, other, own])
    await receiveUpload(account.ctx, "list.csv", Readable.from([Buffer.from("Mail\nada@example.org\n")]));
  await query(
    sql`update subscriber set "values" = '{"shoe": "41"}' where id in (select id from subscriber order by id limit 3)`,
  );
  await query(sql`insert into personalization_field (account_id, bridge_id, name, data_type, display_name, is_valid, must_forget, created_at)
    select account_id, id, 'shoe', 'text', 'Shoe', true, true, now() from bridge where account_id = ${own.ctx.accountId}`);
  await keepHouse(ctx, newId());
  clock.advance({ hours: 49 });
  for (const go of [eraseOldValues, forgetOldUploads, forgetValues]) await go(ctx);
  const reports = async (account = own) => (await listHousekeeping(account.ctx, { limit: 1 }))[0]?.removed;
  await keepHouse(ctx, newId());
  expect(await reports()).toEqual({ values: 7, uploads: 2, field_values: 3 });
  expect(await reports(other)).toEqual({ uploads: 1 });
  clock.advance({ hours: 24 });
  await keepHouse(ctx, newId());
  expect([await reports(), await reports(other)]).toEqual([{}, {}]);
});
