import { expect, test } from "vitest";
import { clientOf, serveApi } from "../harness/api.ts";
import { type Account, createWorld, type World } from "../harness/world.ts";

interface Sync {
  readonly id: string;
  readonly state: string;
  readonly added: number;
  readonly removed: number;
  readonly rowsRead: number;
}
interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
interface Group {
  readonly id: string;
  readonly name: string;
  readonly total: number;
  readonly sendable: number;
  readonly countDetails: readonly { readonly step: string; readonly people: number; readonly sign: string }[];
}

async function open(world: World) {
  const client = await clientOf(await serveApi(world), world.own);
  await world.own.listSync();
  return client;
}

async function groupId(account: Account, name: string): Promise<string> {
  return (await account.group(name)).id;
}

test("6.2 the sync's work by API: refresh, find, resync, look back", async () => {
  const world = await createWorld();
  const api = await clientOf(await serveApi(world), world.own);
  const refresh = await api.post<{ answer: string; sync: Sync }>("/bridge/refresh");
  expect(refresh).toMatchObject({ answer: "queued", sync: { state: "queued" } });
  expect(await api.post("/bridge/refresh")).toMatchObject({ answer: "joined", sync: { id: refresh.sync.id } });
  await world.own.workAll();
  const { items } = await api.get<Page<Group>>("/target-groups?search=every");
  expect(items).toMatchObject([{ name: "Everybody", countState: "not_yet_counted" }]);
  const id = items[0]?.id ?? "";
  const { sync } = await api.post<{ sync: Sync }>(`/target-groups/${id}/resync`);
  await world.own.workAll();
  const story = await api.get<{ sync: Sync; events: unknown[]; requests: unknown[] }>(`/syncs/${sync.id}`);
  expect(story.sync).toMatchObject({
    state: "succeeded",
    rowsRead: 300,
    trigger: "resync",
    requestedBy: "API key test",
  });
  const group = await api.get<Group>(`/target-groups/${id}`);
  expect(group.total).toBe(story.sync.added);
  let running = 0;
  for (const { people, sign } of group.countDetails) {
    if (sign === "total") running = people;
    else if (sign === "minus") running -= people;
    else expect(people).toBe(running);
  }
  const changes = await api.get<Page<unknown>>(`/syncs/${sync.id}/changes?kind=added&limit=5`);
  expect(changes.items).toHaveLength(5);
  expect(await api.get(`/target-groups/${id}/members?at=2001-01-01T00:00:00Z`)).toEqual({ items: [], next: null });
  expect(await api.get(`/target-groups/${id}/nightly`)).toMatchObject({
    isTaken: true,
    reason: "created in the past 7 days",
  });
  const rejected = await api.get<Page<{ reason: string }>>(`/target-groups/${id}/rejected-rows`);
  expect(rejected.items.length).toBe(300 - group.total);
  const [person] = (
    await api.get<Page<{ subscriberId: number; email: string }>>(`/target-groups/${id}/members?limit=1`)
  ).items;
  expect(await api.get(`/subscribers/${person?.subscriberId}`)).toMatchObject({
    email: person?.email,
    groups: [{ groupName: "Everybody", addedBy: sync.id, removedBy: null }],
  });
  expect(
    (await api.get<Page<unknown>>(`/subscribers?search=${encodeURIComponent(person?.email ?? "")}`)).items,
  ).toHaveLength(1);
});

test("pages give everything once, and another list's cursor is refused", async () => {
  const world = await createWorld();
  const api = await open(world);
  await world.own.sync("Everybody");
  const id = await groupId(world.own, "Everybody");
  const seen: number[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page<{ subscriberId: number }> = await api.get(
      `/target-groups/${id}/members?limit=7${cursor && `&cursor=${cursor}`}`,
    );
    seen.push(...page.items.map((item) => item.subscriberId));
    cursor = page.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toHaveLength((await api.get<Group>(`/target-groups/${id}`)).total);
  const { next } = await api.get<Page<unknown>>(`/target-groups/${id}/members?limit=1`);
  for (const cursor of [`${next}x`, "e30", "%00", next?.slice(2)])
    expect((await api.call("GET", `/syncs?cursor=${cursor}`)).status).toBe(400);
});

test("1.9 a dry run changes nothing and shows who would come", async () => {
  const world = await createWorld();
  const api = await open(world);
  const id = await groupId(world.own, "Board");
  const { sync } = await api.post<{ sync: Sync }>(`/target-groups/${id}/dry-run`);
  await world.own.workAll();
  const { sync: ended } = await api.get<{ sync: Sync }>(`/syncs/${sync.id}`);
  expect(ended).toMatchObject({ state: "succeeded", isDryRun: true });
  expect((await api.get<Page<unknown>>(`/syncs/${sync.id}/difference?kind=added&limit=200`)).items).toHaveLength(
    ended.added,
  );
  expect(await api.get(`/target-groups/${id}`)).toMatchObject({ total: 0, countState: "not_yet_counted" });
});

test("1.5 a held sync is looked at, applied once, and not again", async () => {
  const world = await createWorld({ simulator: { jobs: [{ name: "Everybody", size: 300 }] } });
  const api = await open(world);
  await world.own.sync("Everybody");
  const [job] = world.own.simulator.state.jobs;
  if (job) job.size = 60;
  const held = await world.own.sync("Everybody");
  expect(held.state).toBe("held");
  const id = await groupId(world.own, "Everybody");
  expect(await api.post(`/target-groups/${id}/resync`)).toMatchObject({ answer: "held", sync: { id: held.id } });
  expect((await api.call("POST", `/syncs/${held.id}/cancel`)).status).toBe(409);
  const applied = await api.post<Sync>(`/syncs/${held.id}/apply`);
  expect(applied).toMatchObject({ state: "succeeded", decidedBy: "API key test" });
  for (const decision of ["apply", "discard", "cancel"])
    expect(await api.call("POST", `/syncs/${held.id}/${decision}`)).toMatchObject({
      status: 409,
      type: expect.stringContaining("problem+json"),
    });
});

test("6.5 the bridge's password goes in and never comes out", async () => {
  const world = await createWorld();
  const api = await open(world);
  const bridge = await api.call<{ version: number }>("PUT", "/bridge", { password: "s3cret-demo-pass" });
  expect(JSON.stringify(bridge.body)).not.toContain("s3cret");
  expect(JSON.stringify(await api.get("/bridge"))).not.toMatch(/password|s3cret/);
  const report = await api.post<{ ok: boolean }>("/bridge/test");
  expect(report.ok).toBe(false); // the AMS knows another
  expect(JSON.stringify(report)).not.toContain("s3cret");
  expect((await api.call("PUT", "/bridge", { sessionLimit: 2, version: bridge.body.version - 1 })).status).toBe(409);
  expect((await api.call("PUT", "/bridge", { sessionLimit: 99 })).status).toBe(400);
  expect((await api.call("PUT", "/bridge", { baseUrl: "gopher://x" })).status).toBe(400);
});

test("a watcher sees a sync live until its end; one that comes late sees the end; one that leaves is forgotten", async () => {
  const world = await createWorld();
  const api = await open(world);
  const id = await groupId(world.own, "Board");
  const { sync } = await api.post<{ sync: Sync }>(`/target-groups/${id}/resync`);
  const watch = (signal?: AbortSignal) =>
    fetch(`${api.url}/api/v1/syncs/${sync.id}/events`, {
      headers: { authorization: `Bearer ${api.key}` },
      ...(signal && { signal }),
    });
  const leaving = new AbortController();
  const left = await watch(leaving.signal);
  leaving.abort();
  await expect(left.text()).rejects.toThrow();
  const live = await watch();
  expect(live.headers.get("content-type")).toBe("text/event-stream");
  const text = live.text();
  await world.own.workAll();
  const states = [...(await text).matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => (JSON.parse(data) as Sync).state);
  expect(states[0]).toBe("queued");
  expect(states.at(-1)).toBe("succeeded");
  expect(await (await watch()).text()).toContain('"state":"succeeded"');
});

test("health, metrics and the API's page answer", async () => {
  const world = await createWorld();
  const api = await open(world);
  expect(await (await fetch(`${api.url}/health/live`)).json()).toEqual({ status: "live" });
  expect(await (await fetch(`${api.url}/health/ready`)).json()).toEqual({ status: "ready" });
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  for (const name of [
    "lockstep_syncs_total",
    "lockstep_sync_seconds",
    "lockstep_sync_rows_total",
    "lockstep_syncs_open",
    "lockstep_sync_oldest_waiting_seconds",
    "lockstep_database_connections",
  ])
    expect(metrics).toContain(name);
  const page = await fetch(`${api.url}/api/docs`);
  expect(page.status).toBe(200);
  const html = await page.text();
  expect(html).toContain("<html");
  const script = /src="([^"]+\.js[^"]*)"/.exec(html)?.[1] ?? "";
  const code = await fetch(new URL(script, page.url));
  expect(code.status).toBe(200);
  expect(code.headers.get("content-type")).toMatch(/javascript/);
  expect((await fetch(`${api.url}/api/docs/nowhere`)).status).toBe(404);
  expect((await fetch(`${api.url}/nowhere`)).status).toBe(404);
});
