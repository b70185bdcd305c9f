import { sql } from "kysely";
import { expect, test } from "vitest";
import { mostFolderLevels } from "../../src/domain/target-groups/folder.rules.ts";
import { recordGroupUse } from "../../src/domain/target-groups/record-group-use.ts";
import { newId } from "../../src/platform/ids.ts";
import { type ApiClient, clientOf, serveApi } from "../harness/api.ts";
import { addInstance } from "../harness/mailings.ts";
import { createWorld, type World } from "../harness/world.ts";

interface Folder {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly groups: number;
  readonly version: number;
}
interface Group {
  readonly id: string;
  readonly name: string;
  readonly folderId: string | null;
  readonly version: number;
}
interface Groups {
  readonly items: readonly Group[];
  readonly next: string | null;
  readonly total: number;
}

async function open(options?: Parameters<typeof createWorld>[0]): Promise<{ world: World; api: ApiClient }> {
  const world = await createWorld(options);
  const api = await clientOf(await serveApi(world), world.own);
  await world.own.listSync();
  return { world, api };
}

const names = ({ items }: Groups) => items.map(({ name }) => name);

test("3.2 folders: made, renamed, moved, deleted when empty, brought back", async () => {
  const { api } = await open();
  const [bridge] = await api.get<Folder[]>("/folders");
  expect(bridge).toMatchObject({
    kind: "bridge",
    name: "netFORUM Pro",
    groups: 3,
    lastListSyncedAt: expect.any(String),
    openListSync: null,
  });
  const events = await api.post<Folder>("/folders", { name: "  Événements " });
  expect(events).toMatchObject({ name: "Événements", parentId: null, version: 1 });
  expect((await api.call("POST", "/folders", { name: "événements" })).body).toMatchObject({ code: "name_taken" });
  const gala = await api.post<Folder>("/folders", { name: "Gala", parentId: events.id });
  const path = `/folders/${events.id}`;
  expect((await api.call("PATCH", path, { parentId: gala.id })).body).toMatchObject({ code: "inside_itself" });
  expect((await api.call("PATCH", path, { name: "Events", version: 1 })).body).toMatchObject({ version: 2 });
  expect(await api.call("PATCH", path, { name: "Evenimente", version: 1 })).toMatchObject({
    status: 409,
    body: { code: "edited_meanwhile" },
  });
  expect(await api.call("DELETE", path)).toMatchObject({ status: 409, body: { code: "folder_in_use" } });
  expect(await api.call("DELETE", `/folders/${bridge?.id}`)).toMatchObject({ body: { code: "bridge_folder" } });
  expect((await api.call("DELETE", `/folders/${gala.id}`)).status).toBe(200);
  expect((await api.call("DELETE", path)).status).toBe(200);
  expect(await api.get<Folder[]>("/folders")).toHaveLength(1);
  expect(await api.post(`/folders/${gala.id}/undelete`)).toMatchObject({ parentId: null, deletedAt: null });
  let parent = gala.id;
  for (let level = 2; level <= mostFolderLevels; level += 1) {
    parent = (await api.post<Folder>("/folders", { name: `Level ${level}`, parentId: parent })).id;
  }
  expect((await api.call("POST", "/folders", { name: "One more", parentId: parent })).body).toMatchObject({
    code: "too_deep",
  });
  const actions = (await api.get<{ items: { action: string }[] }>("/audit-entries?limit=200")).items;
  for (const action of ["folder.create", "folder.change", "folder.delete", "folder.undelete"])
    expect(actions.map((entry) => entry.action)).toContain(action);
});

test("1.1, 3.2 groups: moved with others, found by folder, renamed where the name is ours, deleted and brought back", async () => {
  const { world, api } = await open();
  const board = await world.own.group("Board");
  const nobody = await world.own.group("Nobody");
  const { id: folderId } = await api.post<Folder>("/folders", { name: "Committees" });
  expect(await api.post("/target-groups/move", { ids: [board.id, nobody.id], folderId })).toEqual({ groups: 2 });
  expect(names(await api.get(`/target-groups?folderId=${folderId}`))).toEqual(["Board", "Nobody"]);
  expect(await api.call("PATCH", `/target-groups/${board.id}`, { name: "Bored" })).toMatchObject({
    status: 409,
    body: { code: "named_by_ams" },
  });
  expect(await api.call("PATCH", `/target-groups/${board.id}`, { folderId: null, version: 1 })).toMatchObject({
    body: { code: "edited_meanwhile" },
  });
  expect(await api.call("PATCH", `/target-groups/${board.id}`, { folderId: null, version: 2 })).toMatchObject({
    body: { folderId: null, version: 3 },
  });
  expect(names(await api.get("/target-groups?folderId=none"))).toEqual(["Board"]);
  await world.own.sync("Board");
  const members = (await world.own.group("Board")).counts.sendable;
  const { sync } = await api.post<{ sync: { id: string } }>(`/target-groups/${board.id}/resync`);
  expect(await api.call("DELETE", `/target-groups/${board.id}`)).toMatchObject({ body: { code: "sync_open" } });
  await api.post(`/syncs/${sync.id}/cancel`);
  expect(await api.post("/target-groups/delete", { ids: [board.id, nobody.id] })).toEqual({ groups: 2 });
  expect(await api.get<Groups>("/target-groups")).toMatchObject({ total: 1, items: [{ name: "Everybody" }] });
  expect(await api.get<Groups>("/target-groups?deleted=true")).toMatchObject({ total: 2 });
  expect((await api.call("GET", `/target-groups/${board.id}`)).status).toBe(404);
  expect((await api.call("DELETE", `/folders/${folderId}`)).status).toBe(200);
  await world.own.listSync();
  expect(await api.get<Groups>("/target-groups")).toMatchObject({ total: 1 });
  await api.post("/target-groups/undelete", { ids: [board.id, nobody.id] });
  expect(await api.get(`/target-groups/${board.id}`)).toMatchObject({ sendable: members, deletedAt: null });
  expect(await api.get(`/target-groups/${nobody.id}`)).toMatchObject({ folderId: null });
});

test("3.2 a group that is part of a compound group can't be deleted", async () => {
  const { world, api } = await open();
  const board = await world.own.group("Board");
  const compound = newId();
  await world.query(sql`with made as (
      insert into target_group (account_id, id, folder_id, kind, name, created_at)
      values (${world.own.ctx.accountId}, ${compound}, ${board.folderId}, 'compound', 'Board and friends', now()) returning id)
    select id from made`);
  await world.query(sql`insert into compound_part (account_id, compound_id, part_id, side)
    values (${world.own.ctx.accountId}, ${compound}, ${board.id}, 'include')`);
  expect(await api.call("DELETE", `/target-groups/${board.id}`)).toMatchObject({
    status: 409,
    body: { code: "group_in_use" },
  });
  expect(await api.call("PATCH", `/target-groups/${compound}`, { name: "Friends of the board" })).toMatchObject({
    body: { name: "Friends of the board" },
  });
  expect(await api.post("/target-groups/delete", { ids: [board.id, compound] })).toEqual({ groups: 2 });
});

test("6.2 the list of groups says how fresh each is, what runs and when it was used; sorted and filtered by the server", async () => {
  const { world, api } = await open();
  const done = await world.own.sync("Everybody");
  const board = await world.own.group("Board");
  const instance = await addInstance(world.own.ctx);
  await world.ctx.db.transaction(world.own.ctx.accountId, (tx) =>
    recordGroupUse(tx, world.own.ctx, instance, [{ groupId: board.id, usedAs: "audience" }]),
  );
  const { sync } = await world.own.request("Board");
  const list = await api.get<Groups>("/target-groups");
  expect(list.items).toMatchObject([
    { name: "Board", lastUsedAt: expect.any(String), lastSync: null, openSync: { id: sync.id, state: "queued" } },
    { name: "Everybody", lastUsedAt: null, lastSync: { id: done.id, state: "succeeded" }, openSync: null },
    { name: "Nobody", lastSync: null },
  ]);
  // What was never counted comes first, up and down: its 0 says nothing.
  expect(names(await api.get("/target-groups?sort=-total"))[2]).toBe("Everybody");
  expect(names(await api.get("/target-groups?sort=sendable"))[2]).toBe("Everybody");
  expect(names(await api.get("/target-groups?sort=-last_used_at"))[0]).toBe("Board");
  expect(names(await api.get("/target-groups?countState=counted"))).toEqual(["Everybody"]);
  expect(names(await api.get("/target-groups?search=BOD"))).toEqual(["Everybody", "Nobody"]);
  expect(await api.get("/target-groups?missing=true")).toMatchObject({ items: [], total: 0 });
  const seen: string[] = [];
  for (const sort of ["name", "-sendable", "total", "-counted_at", "last_used_at"]) {
    let next: string | null = "";
    while (next !== null) {
      const page: Groups = await api.get(`/target-groups?limit=1&sort=${sort}${next && `&cursor=${next}`}`);
      expect(page.total).toBe(3);
      seen.push(...names(page));
      next = page.next;
    }
  }
  expect(seen.sort()).toEqual(["Board", "Everybody", "Nobody"].flatMap((name) => Array(5).fill(name)));
  await world.own.workAll();
});

interface Why {
  readonly people: readonly { readonly verdict: string; readonly email: string; readonly sentence: string }[];
}

test("1.6 each step of Count Details opens as many people as it says", async () => {
  const { world, api } = await open();
  await world.own.sync("Everybody");
  const { id } = await world.own.group("Everybody");
  const { countDetails } = await api.get<{
    countDetails: { step: string; people: number; opens: string | null }[];
  }>(`/target-groups/${id}`);
  for (const { step, people, opens } of countDetails) {
    if (opens === null) continue;
    let found = 0;
    let next: string | null = "";
    while (next !== null) {
      const sign = opens.includes("?") ? "&" : "?";
      const page: Groups = await api.get(`/target-groups/${id}/${opens}${sign}limit=100${next && `&cursor=${next}`}`);
      found += page.items.length;
      next = page.next;
    }
    expect(found, step).toBe(people);
  }
  expect(
    countDetails.filter(({ people, opens }) => people > 0 && opens?.startsWith("rejected")).length,
  ).toBeGreaterThan(1);
});

test("1.6 the list of groups says each one's size every three days of the last thirty, from its first good sync on", async () => {
  const { world, api } = await open();
  await world.own.sync("Board");
  const now = world.clock.now();
  const sizes = async (name: string, days: readonly number[], isDryRun = false) => {
    const { id } = await world.own.group(name);
    for (const ago of days)
      await world.query(sql`insert into sync (account_id, id, bridge_id, group_id, kind, is_dry_run, state, trigger,
          requested_by, priority, requested_at, finished_at, members_before, distinct_valid, sendable)
        select account_id, gen_random_uuid(), bridge_id, id, 'subscriber', ${isDryRun}, 'succeeded', 'nightly', 'schedule', 30,
          ${now}::timestamptz - ${ago}::int * interval '1 day', ${now}::timestamptz - ${ago}::int * interval '1 day', 0, ${1000 - ago}::int, 0
        from target_group where id = ${id}`);
  };
  await sizes("Everybody", [60, 31, 29, 14, 1]);
  await sizes("Everybody", [7], true);
  await sizes("Nobody", [8, 4]);
  const list = await api.get<{ items: { name: string; trend: number[] }[] }>("/target-groups");
  const trends = Object.fromEntries(list.items.map(({ name, trend }) => [name, trend]));
  expect(trends.Everybody).toEqual([969, 971, 971, 971, 971, 971, 986, 986, 986, 986, 999]);
  expect(trends.Nobody).toEqual([992, 996, 996]);
  expect(trends.Board?.length).toBe(1);
  await world.query(sql`delete from sync where requested_by = 'schedule'`); // no members were ever behind them
});

test("1.6, 1.8 size over time, thinned to what a line can show, and where a group is used", async () => {
  const { world, api } = await open();
  await world.own.sync("Board");
  const { id } = await world.own.group("Board");
  const { accountId } = world.own.ctx;
  await world.query(sql`insert into sync (account_id, id, bridge_id, group_id, kind, state, trigger, requested_by, priority,
      requested_at, finished_at, members_before, distinct_valid, sendable)
    select account_id, gen_random_uuid(), bridge_id, id, 'subscriber', 'succeeded', 'nightly', 'schedule', 30, at, at, 0, 0, 0
    from target_group, generate_series('2028-01-01'::timestamptz, '2030-01-01', '16 hours') at where id = ${id}`);
  const all = await api.get<{ points: { at: string; total: number }[]; syncs: number }>(`/target-groups/${id}/history`);
  expect(all.syncs).toBeGreaterThan(1000);
  expect(all.points.length).toBeLessThanOrEqual(400);
  expect(all.points.length).toBeGreaterThan(300);
  const span = "from=2028-01-01T00:00:00Z&to=2028-01-03T00:00:00Z";
  expect(await api.get(`/target-groups/${id}/history?${span}`)).toMatchObject({ syncs: 4, points: [{}, {}, {}, {}] });
  const nobody = await world.own.group("Nobody");
  expect(await api.get(`/target-groups/${nobody.id}/history`)).toEqual({ points: [], syncs: 0 });
  const compound = newId();
  await world.query(sql`insert into target_group (account_id, id, kind, name, created_at)
    values (${accountId}, ${compound}, 'compound', 'Both', now())`);
  await world.query(sql`insert into compound_part (account_id, compound_id, part_id, side)
    values (${accountId}, ${compound}, ${id}, 'exclude')`);
  const instance = await addInstance(world.own.ctx);
  await world.ctx.db.transaction(accountId, (tx) =>
    recordGroupUse(tx, world.own.ctx, instance, [{ groupId: id, usedAs: "exclusion" }]),
  );
  expect(await api.get(`/target-groups/${id}/used-in`)).toMatchObject({
    compounds: [{ id: compound, name: "Both", side: "exclude", isDirect: true }],
    uses: [{ instanceId: instance, name: expect.any(String), usedAs: "exclusion" }],
    useCount: 1,
  });
  await world.query(sql`delete from sync where group_id = ${id} and finished_at < '2030-01-02'`);
});

test("1.6 why not Maria: in since when, unsubscribed, set aside, gone, never there, not read yet", async () => {
  const { world, api } = await open();
  const { id } = await world.own.group("Everybody");
  world.own.changePerson(3, { cst_eml_address_dn: "no address at all" });
  await world.own.sync("Everybody");
  const why = (who: string) => api.get<Why>(`/target-groups/${id}/why?${who}`);
  const members = await api.get<{ items: { subscriberId: number; email: string; remoteId: string }[] }>(
    `/target-groups/${id}/members?standing=sendable&limit=2`,
  );
  const [maria, ana] = members.items;
  expect(await why(`subscriberId=${maria?.subscriberId}`)).toMatchObject({
    people: [{ verdict: "sendable", since: { syncId: expect.any(String), at: expect.any(String) }, left: null }],
    hasMore: false,
  });
  expect(await why(`search=${encodeURIComponent(ana?.email ?? "")}`)).toMatchObject({
    people: [{ verdict: "sendable", remoteId: ana?.remoteId }],
  });
  await world.query(
    sql`update subscriber set unsubscribed_at = now(), unsubscribe_origin = 'person' where id = ${maria?.subscriberId ?? 0}`,
  );
  expect(await why(`subscriberId=${maria?.subscriberId}`)).toMatchObject({ people: [{ verdict: "unsubscribed" }] });
  const { items: rows } = await api.get<{ items: { remoteId: string; email: string; reason: string }[] }>(
    `/target-groups/${id}/rejected-rows?step=malformed_address`,
  );
  expect(await why(`search=${encodeURIComponent(rows[0]?.remoteId ?? "")}`)).toMatchObject({
    people: [{ verdict: "rejected", reason: "malformed_address", subscriberId: null }],
  });
  const board = await world.own.group("Board");
  expect(await api.get(`/target-groups/${board.id}/why?subscriberId=${ana?.subscriberId}`)).toMatchObject({
    people: [{ verdict: "not_yet_counted" }],
  });
  const nobody = await world.own.group("Nobody");
  await world.own.sync("Nobody");
  expect(await api.get(`/target-groups/${nobody.id}/why?subscriberId=${ana?.subscriberId}`)).toMatchObject({
    people: [{ verdict: "never_in" }],
  });
  expect((await api.call("GET", `/target-groups/${id}/why?subscriberId=999999999`)).status).toBe(404);
  expect((await api.call("GET", `/target-groups/${id}/why`)).status).toBe(400);
});

test("6.2 exports hold every row, and no cell that a spreadsheet would run", async () => {
  const { world, api } = await open();
  await api.call("PATCH", "/personalization-fields/ind_first_name", { isKept: true, displayName: "=First name" });
  world.own.changePerson(5, { ind_first_name: "=HYPERLINK(1)" });
  world.own.changePerson(7, { ind_first_name: '@sum "a", b\r\nc' });
  await world.own.sync("Everybody");
  const group = await world.own.group("Everybody");
  const get = (path: string) =>
    fetch(`${api.url}/api/v1/target-groups/${group.id}/${path}`, { headers: { authorization: `Bearer ${api.key}` } });
  const reply = await get("members.csv");
  expect(reply.headers.get("content-type")).toContain("text/csv");
  expect(reply.headers.get("content-disposition")).toBe(
    `attachment; filename="Everybody members.csv"; filename*=UTF-8''Everybody%20members.csv`,
  );
  const text = Buffer.from(await reply.arrayBuffer()).toString("utf8");
  expect(text.startsWith('\uFEFF"Remote ID","E-mail address","Standing","\'=First name"\r\n')).toBe(true);
  expect(text.split(/\r\n(?=")/).length - 1).toBe(group.counts.sendable + group.counts.doNotEmail);
  expect(text).not.toMatch(/(^|,)"[=+\-@\t\r]/m);
  const before = new Date(Date.UTC(2030, 2, 4, 8)).toISOString();
  const atFirst = await (await get(`members.csv?at=${before}`)).text();
  expect(atFirst.trim()).toBe('"Remote ID","E-mail address","Standing"');
  const rejected = await (await get("rejected-rows.csv?step=duplicate")).text();
  expect(rejected.trim().split("\r\n").length - 1).toBe(group.counts.duplicate);
  expect((await api.get<{ items: { action: string }[] }>("/audit-entries")).items[1]?.action).toBe(
    "target_group.export_members",
  );
});

test("1.7 rows that can't be used are listed to the last, page by page", async () => {
  const { world, api } = await open();
  for (let index = 0; index < 20; index += 1) world.own.changePerson(index, { cst_eml_address_dn: "" });
  await world.own.sync("Everybody");
  const group = await world.own.group("Everybody");
  const { withoutAddress, malformedAddress, duplicate, unusable } = group.counts;
  const seen = new Set<string>();
  for (let next: string | null = ""; next !== null; ) {
    const path: string = `/target-groups/${group.id}/rejected-rows?limit=3${next && `&cursor=${next}`}`;
    const page: { items: { remoteId: string; reason: string }[]; next: string | null } = await api.get(path);
    for (const { remoteId, reason } of page.items) seen.add(`${reason} ${remoteId}`);
    next = page.next;
  }
  expect(seen.size).toBe(withoutAddress + malformedAddress + duplicate + unusable);
});

test("1.8 members are found by name and address, with their standing", async () => {
  const { world, api } = await open();
  await api.call("PATCH", "/personalization-fields/ind_last_name", { isKept: true });
  world.own.changePerson(11, { ind_last_name: "Ångström-Quux" });
  await world.own.sync("Everybody");
  const { id } = await world.own.group("Everybody");
  const found = async (query: string) =>
    (await api.get<{ items: { email: string }[] }>(`/target-groups/${id}/members?${query}`)).items.length;
  for (const text of ["quux", "ångström quu", "ÅNGSTRÖM"])
    expect(await found(`search=${encodeURIComponent(text)}&limit=200`), text).toBeGreaterThan(0);
  expect(await found("search=quux")).toBe(1);
  expect(await found("search=quux&standing=bad_email")).toBe(0);
  expect(await found("search=nobodylikethis")).toBe(0);
  expect(await found("search=%27%7C%26")).toBe(0);
  expect((await api.get<Groups>("/subscribers?search=quux")).items).toHaveLength(1);
  const seen = new Set<string>();
  for (let next: string | null = ""; next !== null; ) {
    const page: Groups = await api.get(`/subscribers?limit=70${next && `&cursor=${next}`}`);
    for (const item of page.items) seen.add(item.id);
    next = page.next;
  }
  const [count] = await world.query(sql<{ people: number }>`select count(*) as people from subscriber`);
  expect(seen.size).toBe(count?.people);
});

test("3.3 what is uploaded as anything but CSV is refused with the reason", async () => {
  const { api } = await open();
  for (const type of ["application/json", "text/plain"])
    expect((await api.call("POST", "/uploads", "{}", { "content-type": type })).status, type).toBe(415);
});
