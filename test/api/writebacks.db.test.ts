import { sql } from "kysely";
import { expect, test } from "vitest";
import { resubscribePerson, unsubscribePerson } from "../../src/domain/subscribers/change-person-wish.ts";
import { listWritebacks } from "../../src/domain/writebacks/find-writebacks.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { createWorld } from "../harness/world.ts";

interface Item {
  readonly id: number;
  readonly email: string;
  readonly remoteId: string;
  readonly state: string;
  readonly type: string;
}
interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
}

test("5.3 the Writeback List by API: filtered, searched, paged, counted by state and by day, and one person's", async () => {
  // 23:30 in Berlin: what is decided an hour later is another day's.
  const world = await createWorld({ startsAt: "2030-03-04T22:00:00Z", timeZone: "Europe/Berlin" });
  const { own, query, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  const people = await query(sql<{ id: number }>`select min(id) as id from subscriber where standing = 'sendable'
    group by email_key having count(*) = 1 order by 1 limit 7`);
  clock.set("2030-03-04T22:30:00Z");
  for (const { id } of people.slice(0, 3)) await unsubscribePerson(own.ctx, id, "by phone");
  clock.set("2030-03-04T23:30:00Z");
  for (const { id } of people.slice(3)) await unsubscribePerson(own.ctx, id, "by phone");
  const first = people[0]?.id ?? 0;
  await resubscribePerson(own.ctx, first, "asked by phone");
  const api = await clientOf(await serveApi(world), own);

  const all = (await api.get<Page>("/writebacks")).items;
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((left, right) => right - left));
  expect(all).toHaveLength(8);
  const walked: number[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: Page = await api.get<Page>(`/writebacks?limit=3${next === "" ? "" : `&cursor=${next}`}`);
    walked.push(...page.items.map(({ id }) => id));
    next = page.next;
  }
  expect(walked).toEqual(all.map(({ id }) => id));

  const find = async (filter: string) => (await api.get<Page>(`/writebacks?${filter}`)).items;
  expect((await find("state=superseded")).map(({ state }) => state)).toEqual(["superseded"]);
  expect(await find("state=ready&state=superseded")).toHaveLength(8);
  expect((await find("type=resubscribe")).map(({ type }) => type)).toEqual(["resubscribe"]);
  expect(await find("from=2030-03-04T23:30:00Z")).toHaveLength(5);
  expect(await find("to=2030-03-04T23:30:00Z")).toHaveLength(3);
  const one = all.at(-2) as Item;
  for (const search of [one.email, one.email.slice(0, 6).toUpperCase(), one.remoteId, one.remoteId.slice(0, 8)])
    expect(
      (await find(`search=${encodeURIComponent(search)}`)).map(({ id }) => id),
      search,
    ).toContain(one.id);
  for (const search of ["%25", "_", "\\", "nobody"]) expect(await find(`search=${search}`), search).toEqual([]);

  const summary = await api.get<{ counts: object; nextDueAt: string; days: { day: string; counts: object }[] }>(
    "/writebacks/summary",
  );
  expect(summary).toMatchObject({ counts: { ready: 7, superseded: 1, sent: 0 }, nextDueAt: "2030-03-04T22:30:00Z" });
  expect(summary.days).toHaveLength(30);
  expect(summary.days.slice(-3)).toMatchObject([
    { day: "2030-03-03", counts: { ready: 0 } },
    { day: "2030-03-04", counts: { ready: 2, superseded: 1 } },
    { day: "2030-03-05", counts: { ready: 5, superseded: 0 } },
  ]);

  const theirs = (await api.get<Page>(`/subscribers/${first}/writebacks`)).items;
  expect(theirs.map(({ type, state }) => [type, state])).toEqual([
    ["resubscribe", "ready"],
    ["unsubscribe", "superseded"],
  ]);
  expect(await api.get<Item>(`/writebacks/${theirs[0]?.id}`)).toEqual(theirs[0]);
  expect((await api.call("POST", `/writebacks/${theirs[0]?.id}/retry`)).status).toBe(409);
  expect(await api.post("/writebacks/retry", { all: true })).toEqual({ retried: 0 });
  expect(await api.post("/writebacks/send")).toEqual({ ready: 7 });
  expect(await world.jobs("send-writebacks")).toHaveLength(1);
  expect((await api.call("POST", "/writebacks/retry", { all: false })).status).toBe(400);
});

test("5.3 a search finds its people among many, and many people, each in the list's order", async () => {
  const world = await createWorld();
  const { own, query } = world;
  const { id: bridge } = await own.bridge();
  const other = await world.addAccount();
  await query(sql`insert into writeback (account_id, bridge_id, remote_id, email, type, decided_at, state, due_at, ended_at)
    select ${own.ctx.accountId}::uuid, ${bridge}::uuid, 'k' || n, 'Person' || n || '@example.org',
      case when n = 77 then 'resubscribe' else 'unsubscribe' end, now(), 'sent', now(), now() from generate_series(1, 5100) n`);
  const list = (search: string, more = {}) => listWritebacks(own.ctx, { search, limit: 3, ...more });
  const emails = async (search: string, more = {}) => (await list(search, more)).map(({ email }) => email);
  expect(await emails("PERSON510")).toEqual(["Person5100@example.org", "Person510@example.org"]);
  expect(await emails("k509")).toEqual(["Person5099@example.org", "Person5098@example.org", "Person5097@example.org"]);
  expect(await emails("person"), "more than are looked up by name").toEqual(
    [5100, 5099, 5098].map((n) => `Person${n}@example.org`),
  );
  expect(await emails("person", { types: ["resubscribe"] })).toEqual(["Person77@example.org"]);
  expect(await emails("person5", { types: ["resubscribe"] })).toEqual([]);
  expect(await listWritebacks(other.ctx, { search: "person510", limit: 3 }), "another account's").toEqual([]);
});
