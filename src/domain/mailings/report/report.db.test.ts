import { parse } from "csv-parse";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { answer } from "../../../../test/harness/answers.ts";
import { createInstance } from "../../../../test/harness/mailing.ts";
import { openWeb } from "../../../../test/harness/web.ts";
import { createWorld } from "../../../../test/harness/world.ts";
import { must } from "../../../platform/errors.ts";
import { createCompound } from "../../target-groups/compose-group.ts";
import type { InstanceId } from "../mailing.ts";
import { findAddressee, resubscribeByLink, unsubscribeByLink } from "../responses/answer-by-link.ts";
import { compareInstances, listLatest } from "./compare-instances.ts";
import { findReport, findReportPart, keepReports } from "./find-report.ts";
import { listAnswering, listPersonMailings } from "./list-answers.ts";

test("4.6 more than 20 domains: the rest stands in one line, and nobody is lost", async () => {
  const { own, query } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const { id } = await createInstance(own.ctx, { to: 60 });
  await query(
    sql`update recipient set email_key = 'p' || place || '@d' || lpad((place % 25)::text, 2, '0') || '.example'`,
  );
  await query(sql`update subscriber s set email_key = r.email_key from recipient r where r.subscriber_id = s.id`);
  const { counts } = await findReportPart(own.ctx, id, "domains");
  expect(counts.length).toBe(21);
  expect(counts.at(-1)?.domain).toBeNull();
  expect(counts.reduce((sum, { recipients }) => sum + recipients, 0)).toBe(60);
  expect(new Set(counts.slice(0, 10).map(({ recipients }) => recipients))).toEqual(new Set([3]));
});

test.each([
  // Clocks go back at 06:00Z: the hour from one to two comes twice. They go on at 07:00Z: the hour from two is none.
  ["America/New_York", "2030-11-03T03:30:00Z", 25, ["04:00", "05:00", "06:00", "07:00"]],
  ["America/New_York", "2030-03-10T04:30:00Z", 23, ["05:00", "06:00", "07:00", "08:00"]],
  ["Asia/Kathmandu", "2030-03-10T04:30:00Z", 24, ["05:15", "06:15", "07:15", "08:15"]],
])(
  "4.6 in %s from %s on, each hour is one bucket and the day has %d hours",
  async (timeZone, startsAt, hours, first) => {
    const world = await createWorld({ startsAt, timeZone });
    const { own } = world;
    await own.listSync();
    await own.sync("Everybody");
    const now = world.clock.now();
    const { id } = await createInstance(own.ctx, { to: 3 });
    const visits = Array.from({ length: 60 }, (_, at) => ({
      place: 1,
      kind: "click" as const,
      link: 0,
      isAutomatic: false,
      minute: at * 60 + 30,
    }));
    await answer(own.ctx, id, [], visits);
    const { counts } = await findReportPart(own.ctx, id, "hours");
    expect(
      counts.every(({ clicks }, at) => at === 0 || clicks === 1),
      JSON.stringify(counts),
    ).toBe(true);
    expect(counts.map(({ at }) => at.slice(11, 16))).toEqual(expect.arrayContaining(first));
    for (const [at, bucket] of counts.entries())
      if (at > 0) expect(Date.parse(bucket.at) - Date.parse(counts[at - 1]?.at ?? "")).toBe(3_600_000);
    const { counts: days } = await findReportPart(own.ctx, id, "days");
    const zoned = now.toZonedDateTimeISO(timeZone);
    const whole = days[1];
    expect(Temporal.Instant.from(whole?.at ?? "").toZonedDateTimeISO(timeZone).hour).toBe(0);
    expect(zoned.startOfDay().toInstant().toString()).toBe(days[0]?.at);
    const longest = days
      .slice(hours === 24 ? 1 : 0)
      .find(({ at }) => Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).hoursInDay === hours);
    expect(longest?.clicks).toBe(hours);
  },
);

test("4.6 by target group: as it was when the audience was built; who is in two counts in both; compounds too", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  await own.sync("Board");
  const [everybody, board] = [await own.group("Everybody"), await own.group("Board")];
  const rest = await createCompound(own.ctx, {
    name: "All but the board",
    folderId: null,
    composition: { include: { isAll: false, of: [everybody.id] }, exclude: { isAll: false, of: [board.id] } },
  });
  const each = await world.query<{ id: number }>(
    sql`select min(id) as id from subscriber where standing = 'sendable' group by email_key`,
  );
  const { id, recipients } = await createInstance(own.ctx, { to: each.map((one) => one.id) });
  await own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    for (const group of [everybody, board, rest])
      await sql`insert into instance_group (account_id, instance_id, group_id, side)
        values (${own.ctx.accountId}, ${id}, ${group.id}, 'to')`.execute(tx);
  });
  const before = (await findReportPart(own.ctx, id, "groups")).counts;
  const of = (name: string) => before.find((group) => group.name === name)?.recipients ?? 0;
  expect(of("Everybody")).toBe(recipients.length);
  expect(of("Board")).toBeGreaterThan(30);
  expect(of("Board") + of("All but the board")).toBe(recipients.length);
  const job = own.simulator.state.jobs.find(({ name }) => name === "Board");
  must(job, "the board is a list").size = 50;
  world.clock.advance({ hours: 1 });
  expect((await own.sync("Board")).removed).toBeGreaterThan(0);
  const { counts: later } = await findReportPart(own.ctx, id, "groups");
  expect(later).toEqual(before);
  await own.workAll();
});

test("4.6 a large instance is counted by the schedule, again only when something changed, and says when", async () => {
  const world = await createWorld();
  const { own, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  const { id } = await createInstance(own.ctx, { to: 60 });
  const kept = () =>
    world.query<{ at: Temporal.Instant; clicked: number }>(
      sql`select counted_at as at, (counts #>> '{totals,clicks}')::int as clicked from instance_report`,
    );
  await keepReports(world.ctx);
  expect(await kept()).toEqual([]);
  clock.advance({ minutes: 2 });
  await keepReports(world.ctx, 59);
  const [first] = await kept();
  expect(first?.at).toEqual(clock.now());
  clock.advance({ hours: 1 });
  await keepReports(world.ctx, 59);
  expect(await kept()).toEqual([first]);
  await answer(own.ctx, id, [], [{ place: 1, kind: "click", link: 0, isAutomatic: false, minute: 60 }]);
  await keepReports(world.ctx, 59);
  expect((await kept())[0]?.clicked).toBe(1);
  const [row] = await world.query<{ counts: object }>(sql`select counts from instance_report`);
  for (const part of ["totals", "hours", "days", "links", "domains", "groups"] as const)
    expect(row?.counts[part as never]).toEqual((await findReportPart(own.ctx, id, part)).counts);
});

test("4.6 an unsubscribe that the person took back counts nowhere, of large instances too", async () => {
  const world = await createWorld();
  const { own, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  const { id, recipients } = await createInstance(own.ctx, { to: 60 });
  const press = async (act: typeof unsubscribeByLink) => {
    clock.advance({ hours: 1 });
    await act(world.ctx, must(await findAddressee(world.ctx, { instance: id, place: 1 }), "there is one"));
    clock.advance({ minutes: 2 });
    await keepReports(world.ctx, 59);
  };
  const unsubscribed = async () => {
    const [kept] = await world.query<{ totals: number; domains: number }>(
      sql`select (counts #>> '{totals,unsubscribed}')::int as totals, (select sum((d ->> 'unsubscribed')::int)::int
        from jsonb_array_elements(counts -> 'domains') d) as domains from instance_report`,
    );
    const listed = await listAnswering(own.ctx, id, { answer: "unsubscribed", limit: 10 });
    const [mailing] = await listPersonMailings(own.ctx, must(recipients[0], "there is one").subscriberId, { limit: 1 });
    const { counts } = await findReport(own.ctx, id);
    return { kept, now: counts.unsubscribed, listed: listed.length, person: mailing?.unsubscribedAt !== null };
  };
  await press(unsubscribeByLink);
  expect(await unsubscribed()).toEqual({ kept: { totals: 1, domains: 1 }, now: 1, listed: 1, person: true });
  await press(resubscribeByLink);
  expect(await unsubscribed()).toEqual({ kept: { totals: 0, domains: 0 }, now: 0, listed: 0, person: false });
});

test("4.6 an instance stands beside the five before it; one under way is not among them", async () => {
  const world = await createWorld();
  const { own, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  const ids: InstanceId[] = [];
  for (let at = 0; at < 7; at += 1) {
    clock.advance({ hours: 1 });
    ids.unshift((await createInstance(own.ctx, { to: 5 })).id);
  }
  clock.advance({ hours: 1 });
  const running = await createInstance(own.ctx, { to: 5, recipients: "waiting" });
  expect((await compareInstances(own.ctx, ids[0] as InstanceId)).map(({ instance }) => instance.id)).toEqual(
    ids.slice(0, 6),
  );
  expect((await compareInstances(own.ctx, running.id)).map(({ instance }) => instance.id)).toEqual([
    running.id,
    ...ids.slice(0, 5),
  ]);
  expect((await listLatest(own.ctx, 12)).map(({ instance }) => instance.id)).toEqual(ids);
});

test("4.6 a person's mailings, the latest first, with what they clicked; opens only where persons are tracked", async () => {
  const { own, clock } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const first = await createInstance(own.ctx, { to: 5, openTracking: "person" });
  clock.advance({ hours: 1 });
  const second = await createInstance(own.ctx, { to: 5, openTracking: "aggregate" });
  const did = {
    place: 2,
    state: "sent",
    bounceKind: null,
    opened: true,
    clicked: true,
    unsubscribed: false,
    complained: false,
  };
  for (const { id } of [first, second])
    await answer(
      own.ctx,
      id,
      [did],
      [
        { place: 2, kind: "click", link: 1, isAutomatic: false, minute: 3 },
        { place: 2, kind: "click", link: 0, isAutomatic: true, minute: 3 },
      ],
    );
  const person = first.recipients[1]?.subscriberId ?? 0;
  const found = await listPersonMailings(own.ctx, person, { limit: 10 });
  expect(found.map(({ instanceId, links }) => [instanceId, links])).toEqual([
    [second.id, ["Join us"]],
    [first.id, ["Join us"]],
  ]);
  expect(found.map(({ openedAt }) => openedAt !== null)).toEqual([false, true]);
  await expect(listPersonMailings(own.ctx, 999_999, { limit: 10 })).rejects.toMatchObject({ code: "not_found" });
});

test("4.6 exported lists open in any reader, and no cell is a formula; who took them is in the audit log; 6.4", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  const links = [
    { url: "https://example.org/a,b", label: '=HYPERLINK("https://evil.example";"x")' },
    { url: "https://example.org/", label: "\tline\r\nbreak" },
  ];
  const { id } = await createInstance(own.ctx, { to: 20, links });
  await world.query(sql`update recipient set email = '+cmd|'' /C calc''!A0@example.org', bounce_reason = '@SUM(1)', state = 'bounced',
    bounced_at = sent_at where place <= 3`);
  await world.query(sql`insert into instance_exclusion (account_id, instance_id, subscriber_id, reason)
    select account_id, ${id}::uuid, id, 'unsubscribed' from subscriber where account_id = ${own.ctx.accountId} limit 7`);
  const web = await openWeb(world);
  const browser = await web.signIn(await web.person("publisher"));
  const rowsOf = async (name: string) => {
    const { status, headers, body } = await browser.get(`/api/v1/instances/${id}/report/${name}`);
    expect([status, headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8; header=present"]);
    const rows: string[][] = [];
    for await (const row of parse(String(body), { bom: true })) rows.push(row);
    return rows;
  };
  const recipients = await rowsOf("recipients.csv");
  expect(recipients.length).toBe(21);
  expect((await rowsOf("recipients.csv?answer=bounced")).length).toBe(4);
  const left = await rowsOf("left-out.csv");
  expect(left.slice(1).map(([, , reason]) => reason)).toEqual(Array(7).fill("unsubscribed"));
  const found = await rowsOf("links.csv");
  expect(found[1]?.[1]).toBe("https://example.org/a,b");
  for (const cell of [...recipients, ...left, ...found].flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  const audit = await world.query<{ action: string }>(
    sql`select action from audit_entry where action like 'instance.export%' order by id`,
  );
  expect(audit.map(({ action }) => action)).toEqual([
    "instance.export_recipients",
    "instance.export_recipients",
    "instance.export_left_out",
    "instance.export_links",
  ]);
  const other = await world.addAccount();
  for (const part of ["totals", "hours", "days", "links", "domains", "groups"] as const)
    await expect(findReportPart(other.ctx, id, part)).rejects.toMatchObject({ code: "not_found" });
  await expect(listAnswering(other.ctx, id, { limit: 5 })).rejects.toMatchObject({ code: "not_found" });
  await expect(compareInstances(other.ctx, id)).rejects.toMatchObject({ code: "not_found" });
  expect(await listLatest(other.ctx, 12)).toEqual([]);
});
