import { sql } from "kysely";
import { expect, test } from "vitest";
import { createInstance } from "../../../test/harness/mailing.ts";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { resubscribePerson, unsubscribePerson } from "../subscribers/change-person-wish.ts";
import { searchSubscribers } from "../subscribers/find-subscribers.ts";
import { listTimeline } from "./list-timeline.ts";
import { type PersonEvent, type TimelineSubject, timelineQuery } from "./timeline-store.ts";

async function createSyncedWorld(): Promise<World & { readonly person: number }> {
  const world = await createWorld();
  await world.own.listSync();
  await world.own.sync("Everybody");
  const [person] = await searchSubscribers(world.own.ctx, "p10.", 1);
  return Object.assign(world, { person: must(person, "there is one").id });
}

/** The whole timeline, read in pages of this size. */
async function readAll(
  { own, person }: Awaited<ReturnType<typeof createSyncedWorld>>,
  limit: number,
  subjects?: readonly TimelineSubject[],
) {
  const events: PersonEvent[] = [];
  for (let after: { at: string; key: string } | undefined; ; ) {
    const page = await listTimeline(own.ctx, person, { limit, after, subjects });
    events.push(...page);
    const last = page.at(-1);
    if (!last || page.length < limit) return events;
    after = { at: last.at.toString(), key: last.key };
  }
}

test("1.8 a person's timeline tells of groups, mailings, status and writebacks, the latest first, each page once", async () => {
  const world = await createSyncedWorld();
  const { own, person, clock, query } = world;
  clock.advance({ hours: 1 });
  const { id } = await createInstance(own.ctx, { to: [person], openTracking: "person" });
  clock.advance({ hours: 1 });
  await query(sql`update recipient set opened_at = ${clock.now()} where instance_id = ${id}`);
  await query(sql`insert into mailing_activity (account_id, instance_id, place, kind, at, link, is_automatic) values
    (${own.ctx.accountId}, ${id}, 1, 'click', ${clock.now().add({ minutes: 1 })}, 0, false),
    (${own.ctx.accountId}, ${id}, 1, 'click', ${clock.now()}, 0, true)`);
  clock.advance({ hours: 1 });
  await unsubscribePerson(own.ctx, person, "by letter");
  clock.advance({ hours: 1 });
  const other = await createInstance(own.ctx, { to: 1 });
  await query(sql`insert into instance_exclusion (account_id, instance_id, subscriber_id, reason)
    values (${own.ctx.accountId}, ${other.id}, ${person}, 'unsubscribed')`);
  clock.advance({ hours: 1 });
  await resubscribePerson(own.ctx, person, "asked by phone on 3 May");

  const all = await readAll(world, 100);
  const told = all.filter(({ kind }) => kind !== "writeback");
  expect(told.map(({ kind }) => kind)).toEqual([
    "resubscribed",
    "left_out",
    "unsubscribed",
    "clicked",
    "opened",
    "sent",
    "joined",
    "created",
  ]);
  expect(told[0]).toMatchObject({ origin: "administrator", requestedBy: "test", reason: "asked by phone on 3 May" });
  expect(told[1]).toMatchObject({ instanceName: "News", reason: "unsubscribed" });
  expect(told[3]).toMatchObject({ instanceName: "News", reason: "The programme" });
  expect(told[6]).toMatchObject({ groupName: "Everybody", trigger: "resync", requestedBy: "test" });
  // What went to the AMS, or did not have to, since it was taken back before.
  expect(all).toContainEqual(
    expect.objectContaining({ kind: "writeback", writebackType: "unsubscribe", reason: "by letter" }),
  );
  expect(await readAll(world, 2)).toEqual(all);
  const of = async (...subjects: TimelineSubject[]) => (await readAll(world, 3, subjects)).map(({ kind }) => kind);
  expect(await of("status")).toEqual(["resubscribed", "unsubscribed"]);
  expect((await of("groups", "writebacks")).slice(-2)).toEqual(["joined", "created"]);
  expect(new Set(await of("writebacks"))).toEqual(new Set(["writeback"]));
  expect(await of("mailings")).toEqual(["left_out", "clicked", "opened", "sent"]);
});

test("1.8 a timeline of 10,000 events is read by indexes alone, a page in a moment", async () => {
  const world = await createSyncedWorld();
  const { own, person, query } = world;
  const { accountId } = own.ctx;
  const { id } = await createInstance(own.ctx, { to: [person] });
  await query(sql`insert into mailing_activity (account_id, instance_id, place, kind, at, link)
    select ${accountId}, ${id}, 1, 'click', now() - n * interval '1 minute', 0 from generate_series(1, 6000) n`);
  await query(sql`insert into wish_change (account_id, subscriber_id, at, kind, origin, by)
    select ${accountId}, ${person}, now() - n * interval '1 minute', case when n % 2 = 0 then 'unsubscribed' else 'resubscribed' end, 'person', 'x'
    from generate_series(1, 4000) n`);
  // Where an index serves it takes it, once reading a table whole is out of the question.
  const plan = await own.ctx.db.transaction(accountId, async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx);
    const { rows } = await sql<{
      "QUERY PLAN": string;
    }>`explain ${timelineQuery(accountId, person, { limit: 50 })}`.execute(tx);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
  expect(plan).not.toContain("Seq Scan");
  const first = await listTimeline(own.ctx, person, { limit: 50 });
  const last = must(first.at(-1), "there are 50");
  const began = performance.now();
  const second = await listTimeline(own.ctx, person, { limit: 50, after: { at: last.at.toString(), key: last.key } });
  const took = performance.now() - began;
  expect(second).toHaveLength(50);
  expect(took).toBeLessThan(1000);
});
