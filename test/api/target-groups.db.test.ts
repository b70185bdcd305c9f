import { sql } from "kysely";
import { expect, test } from "vitest";
import { mostFolderLevels } from "../../src/domain/target-groups/folder.rules.ts";
import { recordGroupUse } from "../../src/domain/target-groups/record-group-use.ts";
import { newId } from "../../src/platform/ids.ts";
import { type ApiClient, clientOf, serveApi } from "../harness/api.ts";
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
  await world.ctx.db.transaction(world.own.ctx.accountId, (tx) =>
    recordGroupUse(tx, world.own.ctx, newId(), [{ groupId: board.id, usedAs: "audience" }]),
  );
  const { sync } = await world.own.request("Board");
  const list = await api.get<Groups>("/target-groups");
  expect(list.items).toMatchObject([
    { name: "Board", lastUsedAt: expect.any(String), lastSync: null, openSync: { id: sync.id, state: "queued" } },
    { name: "Everybody", lastUsedAt: null, lastSync: { id: done.id, state: "succeeded" }, openSync: null },
    { name: "Nobody", lastSync: null },
  ]);
  expect(names(await api.get("/target-groups?sort=-total"))[0]).toBe("Everybody");
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
