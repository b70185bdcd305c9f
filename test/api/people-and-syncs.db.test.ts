import { sql } from "kysely";
import { expect, test } from "vitest";
import { clientOf, serveApi } from "../harness/api.ts";
import { openWeb } from "../harness/web.ts";
import { createWorld } from "../harness/world.ts";

interface Page {
  readonly items: readonly { readonly id: string; readonly kind: string; readonly syncId: string | null }[];
  readonly next: string | null;
}

test("1.8 syncs are found by state, trigger, group, person, who asked, and when", async () => {
  const world = await createWorld();
  const api = await clientOf(await serveApi(world), world.own);
  const list = await world.own.listSync();
  const everybody = await world.own.sync("Everybody");
  const board = await world.own.sync("Board");
  const waiting = await world.own.request("Board");
  const ids = async (query: string) => (await api.get<Page>(`/syncs?${query}`)).items.map(({ id }) => id);
  expect(await ids("state=queued&state=failed")).toEqual([waiting.sync.id]);
  expect(await ids("kind=list")).toEqual([list.id]);
  expect(await ids("trigger=resync&state=succeeded")).toEqual([board.id, everybody.id]);
  expect(await ids("requestedBy=nobody")).toEqual([]);
  expect((await ids("requestedBy=test")).length).toBe(4);
  expect(await ids(`to=${everybody.requestedAt}`)).toEqual([list.id]);
  expect(await ids(`from=${waiting.sync.requestedAt}`)).toEqual([waiting.sync.id]);
  const last = await world.own.request("Everybody");
  const waitsBehind = async () =>
    (await api.get<{ sync: { waitsBehind: number } }>(`/syncs/${last.sync.id}`)).sync.waitsBehind;
  expect(await waitsBehind()).toBe(1);
  const [person] = await world.query(sql<{ id: number }>`select subscriber_id as id from membership m
    join target_group g on g.id = m.group_id where g.name = 'Board' limit 1`);
  expect(await ids(`subscriberId=${person?.id}`)).toEqual([board.id, everybody.id]);
  expect(await api.call("GET", "/syncs?state=nonsense")).toMatchObject({ status: 400 });
  await world.own.workAll();
  expect(await waitsBehind()).toBe(null);
});

test("1.8 a person's story: groups joined and left with the sync that did it, page by page", async () => {
  const world = await createWorld();
  const api = await clientOf(await serveApi(world), world.own);
  await world.own.listSync();
  const everybody = await world.own.sync("Everybody");
  const board = await world.own.sync("Board");
  const [person] = await world.query(sql<{ id: number }>`select subscriber_id as id from membership m
    join target_group g on g.id = m.group_id where g.name = 'Board' limit 1`);
  const seen: (string | null)[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: Page = await api.get(`/subscribers/${person?.id}/history?limit=1${next && `&cursor=${next}`}`);
    seen.push(...page.items.map(({ kind, syncId }) => syncId ?? kind));
    next = page.next;
  }
  expect(seen).toHaveLength(3);
  expect(seen[0]).toBe(board.id);
  expect(new Set(seen.slice(1))).toEqual(new Set([everybody.id, "created"]));
  expect((await api.call("GET", "/subscribers/999999999/history")).status).toBe(404);
});

test("own sessions are listed with their devices and ended one by one; a stream of events ends with its session", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  const person = await web.person("viewer");
  const firefox = web.browser();
  const agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
  await firefox.post(
    "/api/v1/session",
    { email: person.user.email, password: person.password },
    { "user-agent": agent },
  );
  world.clock.advance({ minutes: 2 });
  const other = await web.signIn(person);
  const { body } = await other.get("/api/v1/me/sessions");
  expect(body).toMatchObject([
    { isCurrent: true, device: "Unknown device" },
    { isCurrent: false, device: "Firefox on Windows" },
  ]);
  expect(JSON.stringify(body)).not.toContain("hash");
  const stopping = new AbortController();
  const cookie = [...firefox.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const stream = await fetch(`${web.url}/api/v1/events`, { headers: { cookie }, signal: stopping.signal });
  const reading = stream.text();
  expect((await other.send("DELETE", `/api/v1/me/sessions/${body[1].id}`)).status).toBe(204);
  expect(await reading).toContain(": here");
  expect((await firefox.get("/api/v1/me")).status).toBe(401);
  const stranger = await web.signIn(await web.person("administrator"));
  expect((await stranger.send("DELETE", `/api/v1/me/sessions/${body[0].id}`)).status).toBe(404);
  expect((await other.send("DELETE", `/api/v1/me/sessions/${body[0].id}`)).status).toBe(204);
  expect((await other.get("/api/v1/me")).status).toBe(401);
});

test("the stream names what changed: groups and the bridge", async () => {
  const world = await createWorld();
  const url = await serveApi(world);
  const api = await clientOf(url, world.own);
  const stopping = new AbortController();
  const stream = await fetch(`${url}/api/v1/events`, {
    headers: { authorization: `Bearer ${api.key}` },
    signal: stopping.signal,
  });
  let heard = "";
  const reading = (async () => {
    for await (const piece of stream.body ?? []) heard += Buffer.from(piece).toString();
  })().catch(() => {});
  await api.post("/folders", { name: "New" });
  await expect.poll(() => heard).toContain("event: groups");
  expect(heard).not.toContain("event: bridge");
  await api.call("PUT", "/bridge", { guardPercent: 20 });
  await expect.poll(() => heard).toContain("event: bridge");
  stopping.abort();
  await reading;
});
