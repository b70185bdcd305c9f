import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import iconv from "iconv-lite";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { searchSubscribers } from "../subscribers/find-subscribers.ts";
import { cancelSync } from "../syncs/decide-sync.ts";
import { findSync } from "../syncs/find-syncs.ts";
import { listMembers, listRejectedRows } from "../syncs/look-back.ts";
import type { Sync, SyncId } from "../syncs/sync.ts";
import { verifyData } from "../syncs/verify.ts";
import { searchWhy } from "../syncs/why.ts";
import { createCompound } from "../target-groups/compose-group.ts";
import { findTargetGroup } from "../target-groups/get-target-group.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { previewUpload, receiveUpload } from "./receive-upload.ts";
import { type ImportTarget, requestImport } from "./request-import.ts";
import { runImport } from "./run-import.ts";
import { forgetOldUploads } from "./sweep-uploads.ts";
import type { Reading } from "./upload.ts";

const comma: Omit<Reading, "mode"> = {
  encoding: "utf-8",
  delimiter: ",",
  hasHeader: true,
  columns: { email: 0, fields: {} },
};
const intoNew: ImportTarget = { name: "List", folderId: null };

const receive = ({ own }: World, content: string | Buffer) =>
  receiveUpload(own.ctx, "list.csv", Readable.from([Buffer.from(content)]));

async function request(world: World, content: string | Buffer, target = intoNew, reading: Partial<Reading> = {}) {
  const { id } = await receive(world, content);
  return requestImport(world.own.ctx, id, target, { ...comma, mode: "replace", ...reading });
}

/** Takes the import as a job would. */
async function work({ own }: World, id: SyncId, signal = new AbortController().signal): Promise<Sync> {
  const { rows } = await own.ctx.db.system((tx) => sql<{ id: string }>`select gen_random_uuid() as id`.execute(tx));
  await runImport(own.ctx, id, { signal, processId: must(rows[0], "one row").id } as never);
  return findSync(own.ctx, id);
}

async function importFile(world: World, content: string | Buffer, target = intoNew, reading: Partial<Reading> = {}) {
  const { id } = await request(world, content, target, reading);
  const sync = await work(world, id);
  return { sync, groupId: must(sync.groupId, "an import has a group") };
}

const addressesIn = async ({ own }: World, groupId: GroupId) =>
  (await listMembers(own.ctx, { groupId, limit: 200 })).members.map(({ email }) => email);

test("3.3 a file becomes a group: its people, its chain, and each row that can't be used with its line", async () => {
  const world = await createWorld();
  const file = [
    "Mail,Name",
    "ann@example.org,Ann",
    ' Bob@Example.org ,"Bob, the second"',
    ",Nobody",
    "no address,X",
    "ANN@example.org,Ann again",
    "",
    "zoë@exämple.org,Zoë",
  ].join("\r\n");
  const { sync, groupId } = await importFile(world, file);
  expect(sync).toMatchObject({ state: "succeeded", kind: "upload", bridgeId: null, trigger: "upload", added: 3 });
  expect(await addressesIn(world, groupId)).toEqual(["ann@example.org", "Bob@Example.org", "zoë@exämple.org"]);
  const { counts } = await findTargetGroup(world.own.ctx, groupId);
  expect(counts).toMatchObject({ totalRecords: 6, withoutAddress: 1, malformedAddress: 1, duplicate: 1, sendable: 3 });
  const rejected = await listRejectedRows(world.own.ctx, { groupId, reasons: undefined, limit: 10 });
  expect(rejected.map(({ remoteId, reason, email }) => [remoteId, reason, email])).toEqual([
    ["6", "duplicate_address", "ANN@example.org"],
    ["5", "malformed_address", "no address"],
    ["4", "without_address", ""],
  ]);
});

test("3.3 replace makes the group what the file says; add leaves who was there, and the chain adds up", async () => {
  const world = await createWorld();
  const { groupId } = await importFile(world, "m\na@example.org\nb@example.org\nc@example.org");
  const added = await importFile(world, "m\nb@example.org\nd@example.org\nbad", { groupId }, { mode: "add" });
  expect(added.sync).toMatchObject({ added: 1, removed: 0, membersBefore: 3 });
  expect((await findTargetGroup(world.own.ctx, groupId)).counts).toMatchObject({
    totalRecords: 5,
    malformedAddress: 1,
    sendable: 4,
  });
  const replaced = await importFile(world, "m\nd@example.org\ne@example.org", { groupId });
  expect(replaced.sync).toMatchObject({ added: 1, removed: 3 });
  expect(await addressesIn(world, groupId)).toEqual(["d@example.org", "e@example.org"]);
});

test("2.2 an upload ties to people whom the AMS has, changes nothing of them, and what it brings is tied later", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Board");
  const [known] = await searchSubscribers(own.ctx, undefined, 1);
  const { email, id, values } = must(known, "the board has people");
  const { groupId } = await importFile(world, `m\n${email.toUpperCase()}\nstranger@example.org`);
  const { members } = await listMembers(own.ctx, { groupId, limit: 10 });
  expect(members.map(({ subscriberId }) => subscriberId)).toContain(id);
  expect((await searchSubscribers(own.ctx, email, 1))[0]).toMatchObject({ id, email, values });
  own.changePerson(5, { eml_address: "stranger@example.org" });
  const stranger = must((await searchSubscribers(own.ctx, "stranger", 1))[0], "she was uploaded");
  expect(stranger.remoteId).toBeNull();
});

test("2.5 kept fields are filled for people who came by upload alone; a field that isn't kept is refused", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await expect(
    request(world, "m,x\na@example.org,1", intoNew, { columns: { email: 0, fields: { nothing: 1 } } }),
  ).rejects.toMatchObject({ code: "invalid_input" });
});

test("3.3 a file without a usable address changes nothing, and says why", async () => {
  const world = await createWorld();
  const { groupId } = await importFile(world, "m\na@example.org");
  const { sync } = await importFile(world, "m\nnot one\n\nnor this", { groupId });
  expect(sync).toMatchObject({ state: "failed", errorKind: "refused" });
  expect(sync.errorMessage).toMatch(/None of the 2 rows has a usable address/);
  expect(await addressesIn(world, groupId)).toEqual(["a@example.org"]);
  expect((await importFile(world, "only a header")).sync.errorMessage).toMatch(/no rows/);
});

test.each([
  [
    "UTF-16 of a spreadsheet, with tabs",
    iconv.encode("m\tn\nzoë@example.org\tZoë\n", "utf-16le", { addBOM: true }),
    "utf-16le",
    "\t",
  ],
  ["Windows-1252 with semicolons", iconv.encode("m;n\nzo@example.org;Größe\n", "windows-1252"), "windows-1252", ";"],
  ["UTF-8 with a mark, old line ends", Buffer.from("\ufeffm,n\rzo@example.org,x\r"), "utf-8", ","],
] as const)("3.3 %s is recognised and read", async (_, content, encoding, delimiter) => {
  const world = await createWorld();
  const { id } = await receive(world, content);
  const { dialect, header, rows, guess } = await previewUpload(world.own.ctx, id);
  expect(dialect).toEqual({ encoding, delimiter, hasHeader: true });
  expect(header).toEqual(["m", "n"]);
  expect([rows.length, guess.email]).toEqual([1, 0]);
  const sync = await requestImport(world.own.ctx, id, intoNew, { ...comma, encoding, delimiter, mode: "replace" });
  expect(await work(world, sync.id)).toMatchObject({ state: "succeeded", added: 1 });
});

test("3.3 a quote that never ends, a file of noise, an empty one: each a clear error, nothing kept", async () => {
  const world = await createWorld();
  const { own } = world;
  const open = await receive(world, `m\na@example.org\n"${"x".repeat(300_000)}`);
  await expect(previewUpload(own.ctx, open.id)).rejects.toMatchObject({ code: "not_a_table" });
  const { sync } = await importFile(world, `m\na@example.org\n"${"x".repeat(300_000)}`);
  expect(sync).toMatchObject({ state: "failed" });
  expect(sync.errorMessage).toMatch(/can't be read as a table: near line \d+/);
  await expect(receive(world, "")).rejects.toMatchObject({ code: "invalid_input" });
  const noise = await receive(world, randomBytes(50_000));
  await previewUpload(own.ctx, noise.id).catch((error) => expect(error.code).toBe("not_a_table"));
});

test("3.3 an import is cancelled while it waits or runs, and a process that stops hands it on", async () => {
  const world = await createWorld();
  const { own } = world;
  const waiting = await request(world, "m\na@example.org");
  await cancelSync(own.ctx, waiting.id);
  expect(await work(world, waiting.id)).toMatchObject({ state: "cancelled", added: 0 });
  const stopped = await request(world, "m\na@example.org", { name: "Other", folderId: null });
  expect(await work(world, stopped.id, AbortSignal.abort())).toMatchObject({ state: "reading", added: 0 });
  expect(await work(world, stopped.id)).toMatchObject({ state: "succeeded", added: 1, attempt: 2 });
});

test("3.3 a group takes one file at a time, a file goes to one group, and only to a static one", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  const first = await request(world, "m\na@example.org");
  const groupId = must(first.groupId, "an import has a group");
  await expect(request(world, "m\nb@example.org", { groupId })).rejects.toMatchObject({ code: "sync_open" });
  const { id } = await receive(world, "m\na@example.org");
  const bridgeGroup = (await own.group("Board")).id;
  await expect(requestImport(own.ctx, id, { groupId: bridgeGroup }, { ...comma, mode: "add" })).rejects.toMatchObject({
    code: "not_a_static_group",
  });
  await requestImport(own.ctx, id, { name: "B", folderId: null }, { ...comma, mode: "add" });
  await expect(
    requestImport(own.ctx, id, { name: "C", folderId: null }, { ...comma, mode: "add" }),
  ).rejects.toMatchObject({ code: "already_imported" });
  await work(world, first.id);
  const compound = await createCompound(own.ctx, {
    name: "Both",
    folderId: null,
    composition: { include: { isAll: false, of: [groupId, bridgeGroup] }, exclude: { isAll: false, of: [] } },
  });
  expect(await addressesIn(world, compound.id)).toEqual(["a@example.org"]);
});

test("3.3 a file that nobody imports is forgotten after a day; one that is imported, at once", async () => {
  const world = await createWorld();
  const { own, ctx, clock, query } = world;
  const { id } = await receive(world, "m\na@example.org");
  await importFile(world, "m\na@example.org");
  const pieces = () => query(sql<{ upload_id: string }>`select upload_id from upload_piece`);
  expect((await pieces()).map((piece) => piece.upload_id)).toEqual([id]);
  clock.advance({ hours: 25 });
  await forgetOldUploads(ctx);
  expect(await pieces()).toEqual([]);
  await expect(previewUpload(own.ctx, id)).rejects.toMatchObject({ code: "not_found" });
});

test("3.3 why somebody isn't in names the file, not the AMS", async () => {
  const world = await createWorld();
  const { groupId } = await importFile(world, "mail\nann@example.org\nbob@example.org\n");
  await importFile(world, "mail\nann@example.org\nno address\n", { groupId });
  const sentences = async (search: string) =>
    (await searchWhy(world.own.ctx, groupId, search)).people.map(({ sentence }) => sentence);
  expect(await sentences("ann@")).toEqual(["Is in the group and gets its mailings."]);
  expect(await sentences("bob@")).toEqual(["Was in the group, but a later file did not have this person."]);
  expect(await sentences("no address")).toEqual(["What the file has as e-mail address is none."]);
});

test("6.3 verify judges static groups, too: counts, rows set aside, and each upload's numbers", async () => {
  const world = await createWorld();
  const { groupId } = await importFile(world, "mail\nann@example.org\nno address\n");
  const rules = async () => (await verifyData(world.ctx)).map(({ rule }) => rule);
  expect(await rules()).toEqual([]);
  const shift = (by: number) =>
    world.query(sql`update target_group set sendable = sendable + ${by}, malformed_address = malformed_address - ${by}
      where id = ${groupId}`);
  await shift(1);
  expect(await rules()).toEqual(["1.6 counts equal members", "1.7 rejected rows equal their counts"]);
  await shift(-1);
  await world.query(sql`update sync set added = added + 1 where group_id = ${groupId}`);
  expect(await rules()).toEqual(["1.8 a sync's numbers are its changes"]);
  await world.query(sql`update sync set added = added - 1 where group_id = ${groupId}`);
});
