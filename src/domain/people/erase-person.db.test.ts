import { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { keyOf } from "../../../simulator/guid.ts";
import { createInstance } from "../../../test/harness/mailing.ts";
import { addMailing, goOn, publish } from "../../../test/harness/mailings.ts";
import { occurrencesOf } from "../../../test/harness/occurrences.ts";
import { onServer } from "../../../test/harness/postgres.ts";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { ConflictError, InvalidInputError, must, NotFoundError } from "../../platform/errors.ts";
import { goOnWithInstance } from "../mailings/publish/go-on.ts";
import { findReport } from "../mailings/report/find-report.ts";
import { resubscribePerson, unsubscribePerson } from "../subscribers/change-person-wish.ts";
import { resubscribe } from "../subscribers/change-wish.ts";
import { eraseEntries } from "../subscribers/erase-entries.ts";
import { searchSubscribers } from "../subscribers/find-subscribers.ts";
import { liftErasure } from "../subscribers/lift-erasure.ts";
import { applyHeldSync } from "../syncs/decide-sync.ts";
import { findSync } from "../syncs/find-syncs.ts";
import { listRejectedRows } from "../syncs/look-back.ts";
import type { Sync } from "../syncs/sync.ts";
import { verifyData } from "../syncs/verify.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { receiveUpload } from "../uploads/receive-upload.ts";
import { requestImport } from "../uploads/request-import.ts";
import { runImport } from "../uploads/run-import.ts";
import { addWebhook } from "../webhooks/change-webhooks.ts";
import { eraseAgain, findErasures } from "./erase-again.ts";
import { erasePerson, previewErasure } from "./erase-person.ts";

const address = "Ada.Lovelace@Example.org";
const index = 10;

/** A world in step, with a person of this address in two groups. */
async function createSyncedWorld(): Promise<World & { readonly ada: number; readonly key: string }> {
  const jobs = ["Everybody", "Board"].map((name) => ({ name, size: 300 }));
  const world = await createWorld({ simulator: { members: 300, jobs } });
  const { own } = world;
  own.changePerson(index, { cst_eml_address_dn: address });
  await own.listSync();
  await own.sync("Everybody");
  await own.sync("Board");
  const [person] = await searchSubscribers(own.ctx, address, 2);
  const key = keyOf(index, own.simulator.state.people.seed);
  return Object.assign(world, { ada: must(person, "she came with the sync").id, key });
}

async function importFile({ own }: World, content: string, into: GroupId | string): Promise<Sync> {
  const { id } = await receiveUpload(own.ctx, "list.csv", Readable.from([Buffer.from(content)]));
  const target = into.includes("-") ? { groupId: into as GroupId } : { name: into, folderId: null };
  const dialect = { encoding: "utf-8", delimiter: ",", hasHeader: true } as const;
  const columns = { email: 0, fields: {} };
  const sync = await requestImport(own.ctx, id, target, { ...dialect, columns, mode: "replace" });
  const run = { signal: new AbortController().signal, processId: "00000000-0000-7000-8000-000000000001" };
  await runImport(own.ctx, sync.id, run as never);
  return findSync(own.ctx, sync.id);
}

const isAnybodyWaiting = ({ database }: World) =>
  onServer(database, async (client) => {
    const { rowCount } = await client.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return (rowCount ?? 0) > 0;
  });

const erasedRows = async ({ own }: World, groupId: GroupId) =>
  (await listRejectedRows(own.ctx, { groupId, reasons: ["erased"], limit: 10 })).map(({ email, remoteId }) => ({
    email,
    remoteId,
  }));

test("2.6 an erased person's address stands in no table any more, and what happened still adds up", async () => {
  const world = await createSyncedWorld();
  const { own, ada, key, query } = world;
  // Staged rows stay for a day.
  expect(await own.sync("Everybody", { dryRun: true })).toMatchObject({ state: "succeeded" });
  const { id } = await createInstance(own.ctx, { to: [ada, ada + 1, ada + 2] });
  await query(sql`update recipient set "values" = jsonb_build_object('email', email), reply = '250 <' || email || '> queued',
    bounce_reason = 'no such user ' || email, opened_at = now(), clicked_at = now() where instance_id = ${id}`);
  await query(sql`insert into mailing_activity (account_id, instance_id, place, kind, at, detail)
    select account_id, instance_id, place, 'bounce', now(), 'hard: 550 ' || email from recipient where instance_id = ${id}`);
  await addWebhook(own.ctx, { url: "https://example.org/", events: ["subscribers.unsubscribed"] });
  await unsubscribePerson(own.ctx, ada, `${address} wrote a letter`);
  await resubscribePerson(own.ctx, ada, "asked by phone");
  await unsubscribePerson(own.ctx, ada, `once more, from ${address}`);
  await receiveUpload(
    own.ctx,
    "waiting.csv",
    Readable.from([Buffer.from("\ufeffMail\r\nADA.lovelace@example.org\r\n", "utf16le")]),
  );
  await receiveUpload(own.ctx, "others.csv", Readable.from([Buffer.from("Mail\r\nbob@example.org\r\n")]));
  // She is set aside as well: her row comes twice in another group's read.
  await query(sql`insert into rejected_row (account_id, group_id, fingerprint, remote_id, email, reason, added_by, removed_by)
    select account_id, group_id, gen_random_uuid(), ${key}, ${`<${address}>; bob@example.org`}, 'malformed_address', id, id
    from sync where account_id = ${own.ctx.accountId} and kind = 'subscriber' limit 1`);
  const before = await findReport(own.ctx, id);
  const inUtf16 = [..."lovelace"].join("\\000");
  expect(await occurrencesOf(world, inUtf16)).toEqual(["upload_piece.content"]);
  expect((await occurrencesOf(world, address)).length).toBeGreaterThan(8);

  const preview = await previewErasure(own.ctx, ada);
  expect(preview).toMatchObject({ remoteId: key, entries: [{ email: address }], files: ["waiting.csv"] });
  expect(preview.kept).toEqual({ groups: 2, mailings: 1, waiting: 0, wishChanges: 3, openWritebacks: 1 });
  await erasePerson(own.ctx, ada, "ada.lovelace@example.ORG ");

  expect(await occurrencesOf(world, address)).toEqual([]);
  expect(await occurrencesOf(world, inUtf16)).toEqual([]);
  // The wish still goes to the AMS, by the customer key, which stands nowhere else.
  expect(await occurrencesOf(world, key)).toEqual(["writeback.remote_id"]);
  expect(await query(sql`select type, reason, subscriber_id, email from writeback where state = 'ready'`)).toEqual([
    { type: "unsubscribe", reason: null, subscriber_id: null, email: null },
  ]);
  expect(await query(sql`select from writeback where num_nulls(reason, email, subscriber_id) < 3`)).toEqual([]);
  expect(await query(sql`select file_name from upload order by 1`)).toEqual([{ file_name: "others.csv" }]);
  expect(await findReport(own.ctx, id)).toEqual(before);
  const [entry] = await query(sql<{ subject: string; actor: string }>`
    select subject, actor from audit_entry where action = 'subscriber.erase'`);
  expect(entry).toEqual({ subject: "Erased on request", actor: "test" });
  expect(
    await query(
      sql`select subject, detail->>'reason' as reason from audit_entry where action = 'subscriber.unsubscribe' order by at, id`,
    ),
  ).toEqual([
    { subject: "[erased]", reason: "[erased] wrote a letter" },
    { subject: "[erased]", reason: "once more, from [erased]" },
  ]);
  expect(await searchSubscribers(own.ctx, address, 5)).toEqual([]);
});

test("2.6 an erased person stays out through later syncs of the same group and of others; the row is set aside and counted", async () => {
  const world = await createSyncedWorld();
  const { own, ada } = world;
  const before = await own.group("Everybody");
  await erasePerson(own.ctx, ada, address);
  // She counts as unsubscribed until the group's next read takes her out.
  expect((await own.group("Everybody")).counts).toMatchObject({
    sendable: before.counts.sendable - 1,
    unsubscribed: before.counts.unsubscribed + 1,
  });
  expect(await own.sync("Everybody")).toMatchObject({ added: 0, removed: 1, unusable: before.counts.unusable + 1 });
  const after = await own.group("Everybody");
  expect(after.counts).toEqual({
    ...before.counts,
    sendable: before.counts.sendable - 1,
    unusable: before.counts.unusable + 1,
  });
  expect(await erasedRows(world, after.id)).toEqual([{ email: "", remoteId: "" }]);
  expect(await own.sync("Everybody")).toMatchObject({ added: 0, removed: 0, updated: 0 });
  expect(await own.sync("Board")).toMatchObject({ added: 0, removed: 1 });
  // Under another address the customer key tells, under another key the address.
  own.changePerson(index, { cst_eml_address_dn: "ada@other.example" });
  own.changePerson(index + 1, { cst_eml_address_dn: address.toUpperCase() });
  await own.sync("Everybody");
  expect(await erasedRows(world, after.id)).toHaveLength(2);
  expect(await occurrencesOf(world, "ada@other.example")).toEqual([]);
  expect(await occurrencesOf(world, address)).toEqual([]);
});

test("2.6 an erased person stays out of a file that names them; the file's other rows are imported", async () => {
  const world = await createSyncedWorld();
  const { own, ada } = world;
  const first = await importFile(world, `Mail\n${address}\nbob@example.org\n`, "List");
  const group = must(first.groupId, "an import has a group");
  await erasePerson(own.ctx, ada, address);
  expect(await importFile(world, `Mail\n${address.toLowerCase()}\nbob@example.org\n`, group)).toMatchObject({
    state: "succeeded",
    unusable: 1,
    distinctValid: 1,
    added: 0,
    removed: 1,
  });
  expect((await own.group("List")).counts).toMatchObject({
    totalRecords: 2,
    unusable: 1,
    sendable: 1,
    unsubscribed: 0,
  });
  expect(await erasedRows(world, group)).toEqual([{ email: "", remoteId: "2" }]); // the line of the file
  expect(await importFile(world, `Mail\n${address}\n`, group)).toMatchObject({
    state: "failed",
    errorMessage: expect.stringContaining("1 are people who were erased on request"),
  });
  expect(await occurrencesOf(world, address)).toEqual([]);
});

test("2.6 a held read that has the person is applied without them", async () => {
  const world = await createSyncedWorld();
  const { own, ada } = world;
  for (let other = 100; other < 250; other += 1) own.changePerson(other, { cst_eml_address_dn: "" });
  own.changePerson(index, { cst_eml_address_dn: "ADA.lovelace@example.org" });
  const held = await own.sync("Everybody");
  expect(held.state).toBe("held");
  await erasePerson(own.ctx, ada, address);
  expect(await occurrencesOf(world, address)).toEqual([]);
  await applyHeldSync(own.ctx, held.id);
  expect(await occurrencesOf(world, address)).toEqual([]);
  expect(await erasedRows(world, must(held.groupId, "a subscriber sync has a group"))).toHaveLength(1);
});

test("2.6 a read that was compared before the erasure, and is applied after it, leaves the person out", async () => {
  const world = await createSyncedWorld();
  const { own, ada } = world;
  own.changePerson(index, { cst_eml_address_dn: "ADA.lovelace@example.org", ind_first_name: "Ada" });
  own.changePerson(index + 1, { cst_eml_address_dn: "somebody.new@example.org" });
  const { sync } = await own.request("Everybody");
  const running = await own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    await eraseEntries(tx, own.ctx, ada);
    const working = own.work();
    // Until the sync has compared, and waits for the turn.
    while (!(await isAnybodyWaiting(world))) await new Promise((resolve) => setTimeout(resolve, 10));
    return [working];
  });
  await Promise.all(running);
  expect(await findSync(own.ctx, sync.id)).toMatchObject({
    state: "succeeded",
    added: 1,
    removed: 2,
    unusable: expect.any(Number),
  });
  expect(await occurrencesOf(world, address)).toEqual([]);
});

/** As a state from before would have her: with her row, her group and its numbers. */
async function putBack({ own, query }: World, group: GroupId, key: string): Promise<void> {
  await query(sql`
    with back as (
      insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
      values (${own.ctx.accountId}, ${key}, ${address}, lower(${address}), now(), now()) returning account_id, id),
    read as (
      update target_group set sendable = sendable + 1, total_records = total_records + 1 where id = ${group} returning counted_by),
    counted as (
      update sync set added = added + 1, distinct_valid = distinct_valid + 1 from read where id = counted_by)
    insert into membership (account_id, group_id, subscriber_id, added_by)
    select account_id, ${group}::uuid, id, counted_by from back, read`);
}

test("2.6 rows put back by hand are found by verify, left out of a mailing's audience, and erased anew", async () => {
  const world = await createSyncedWorld();
  const { own, ada, key, query } = world;
  await erasePerson(own.ctx, ada, address);
  await own.sync("Everybody");
  expect(await verifyData(own.ctx)).toEqual([]);
  const group = await own.group("Everybody");
  await putBack(world, group.id, key);
  const found = await verifyData(own.ctx);
  expect(found.filter(({ rule }) => rule.startsWith("2.6"))).toEqual([
    { rule: "2.6 nobody who was erased is a subscriber", message: expect.stringMatching(/^subscriber \d+ of account/) },
  ]);
  // Not asked for anew at this publish: the audience is what stands there.
  const mailing = await addMailing(own, { to: [group.id] });
  const { id } = await publish(own, mailing);
  await query(sql`update mailing_instance set state = 'building', building_at = now() where id = ${id}`);
  await goOnWithInstance(own.ctx, id);
  const left = await query(sql<{ reason: string; email: string }>`
    select x.reason, s.email from instance_exclusion x join subscriber s on s.id = x.subscriber_id
    where x.instance_id = ${id} and x.reason = 'erased'`);
  expect(left).toEqual([{ reason: "erased", email: address }]);
  expect(await query(sql`select from recipient where instance_id = ${id} and email_key = lower(${address})`)).toEqual(
    [],
  );
  const [back] = await searchSubscribers(own.ctx, address, 2);
  await erasePerson(own.ctx, must(back, "she was put back").id, address);
  await own.workAll();
  await own.sync("Everybody");
  expect((await verifyData(own.ctx)).filter(({ rule }) => rule.startsWith("2.6"))).toEqual([]);
  expect(await occurrencesOf(world, address)).toEqual([]);
});

test("2.6 after a restore of a state from before the erasure, the register of the state it replaced erases them again", async () => {
  const world = await createSyncedWorld();
  const { own, ada, key, query } = world;
  await erasePerson(own.ctx, ada, address);
  await own.sync("Everybody");
  const register = await findErasures(own.ctx);
  expect(JSON.stringify(register)).not.toMatch(/ada|lovelace/i);
  // What a backup of the day before knows: the person, and of no erasure.
  await query(sql`delete from erased_person`);
  await putBack(world, (await own.group("Everybody")).id, key);
  expect(await eraseAgain(own.ctx, null, "operator")).toBe(0);
  const foreign = { ...register, keyId: "00000000" };
  await expect(eraseAgain(own.ctx, foreign, "operator")).rejects.toMatchObject({ code: "other_key" });
  expect(await eraseAgain(own.ctx, register, "operator")).toBe(1);
  expect(await occurrencesOf(world, address)).toEqual([]);
  expect(await own.sync("Everybody")).toMatchObject({ added: 0, removed: 1 });
  expect(await eraseAgain(own.ctx, register, "operator")).toBe(0);
});

test("2.6 what waits to be sent to an erased person is not sent, and a mail that is leaving makes the erasure wait", async () => {
  const world = await createSyncedWorld();
  const { own, ada, query } = world;
  const { id } = await createInstance(own.ctx, { to: [ada, ada + 1], recipients: "waiting" });
  const setState = (state: string) =>
    query(
      sql`update recipient set state = ${state}, claimed_by = gen_random_uuid() where instance_id = ${id} and subscriber_id = ${ada}`,
    );
  for (const state of ["claimed", "handing_over"]) {
    await setState(state);
    await expect(erasePerson(own.ctx, ada, address)).rejects.toThrow(ConflictError);
  }
  await setState("deferred");
  await erasePerson(own.ctx, ada, address);
  expect(
    await query(sql`select state, email, reply from recipient where instance_id = ${id} and subscriber_id = ${ada}`),
  ).toEqual([{ state: "cancelled", email: "Erased on request", reply: "Left out: erased on request" }]);
});

test("2.6 an audience that is being frozen makes the erasure wait, so that it finds the recipient", async () => {
  const world = await createSyncedWorld();
  const { own, ada } = world;
  const group = await own.group("Everybody");
  const { id } = await publish(own, await addMailing(own, { to: [group.id] }));
  await own.workAll();
  await Promise.all([goOn(own, id), erasePerson(own.ctx, ada, address)]);
  expect(await occurrencesOf(world, address)).toEqual([]);
});

test("2.6 nobody takes an erased person's row up again: not by its number, not by the link in an old mail", async () => {
  const { own, ada } = await createSyncedWorld();
  await erasePerson(own.ctx, ada, address);
  await expect(resubscribePerson(own.ctx, ada, "asked")).rejects.toThrow(NotFoundError);
  await expect(erasePerson(own.ctx, ada, "Erased on request")).rejects.toThrow(NotFoundError);
  const wish = { origin: "person", reason: null } as const;
  expect(await own.ctx.db.transaction(own.ctx.accountId, (tx) => resubscribe(tx, own.ctx, [ada], wish))).toEqual([]);
});

test("2.6 a search finds nobody by what stands in the place of an erased person's address, and loses nobody for it", async () => {
  const { own, ada } = await createSyncedWorld();
  await erasePerson(own.ctx, ada, address);
  const digit = String(ada).charAt(0);
  for (const search of ["erased", String(ada)]) expect(await searchSubscribers(own.ctx, search, 5)).toEqual([]);
  const all = await searchSubscribers(own.ctx, `p${digit}`, 200);
  expect(await searchSubscribers(own.ctx, `p${digit}`, all.length)).toHaveLength(all.length);
  expect(await searchSubscribers(own.ctx, undefined, 200)).not.toContainEqual(expect.objectContaining({ id: ada }));
});

test("2.6 an erasure is confirmed with the person's own address", async () => {
  const world = await createSyncedWorld();
  for (const typed of ["", "ada", "ada.lovelace@example.com"])
    await expect(erasePerson(world.own.ctx, world.ada, typed)).rejects.toThrow(InvalidInputError);
  expect(await searchSubscribers(world.own.ctx, address, 2)).toHaveLength(1);
});

test("2.6 all addresses of the customer key go, and others' rows at them; another key's other addresses stay", async () => {
  const world = await createSyncedWorld();
  const { own, ada, key, query } = world;
  // She had another address before; her husband's record has it now, and one of his own.
  await query(sql`insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at) values
    (${own.ctx.accountId}, ${key}, 'Home@example.org', 'home@example.org', now(), now()),
    (${own.ctx.accountId}, 'husband', 'home@example.org', 'home@example.org', now(), now()),
    (${own.ctx.accountId}, 'husband', 'his@example.org', 'his@example.org', now(), now())`);
  const { entries } = await erasePerson(own.ctx, ada, address);
  expect(entries.map(({ email }) => email)).toEqual([address, "Home@example.org", "home@example.org"]);
  expect(await occurrencesOf(world, "home@example.org")).toEqual([]);
  expect(await query(sql`select remote_id, email from subscriber where email like 'his@%'`)).toEqual([
    { remote_id: "husband", email: "his@example.org" },
  ]);
  expect(await verifyData(own.ctx)).toEqual([]);
});

test("2.6 a lifted erasure lets the person come with the next sync, as somebody new", async () => {
  const world = await createSyncedWorld();
  const { own, ada, query } = world;
  await erasePerson(own.ctx, ada, address);
  await own.sync("Everybody");
  await expect(liftErasure(own.ctx, "nobody@example.org", "asked")).rejects.toThrow(NotFoundError);
  await liftErasure(own.ctx, address.toUpperCase(), "asked by phone on 3 May");
  expect(await query(sql`select from erased_person`)).toEqual([]);
  expect(await own.sync("Everybody")).toMatchObject({ added: 1, unusable: 0 });
  const [back] = await searchSubscribers(own.ctx, address, 2);
  expect(back).toMatchObject({ email: address, standing: "sendable" });
  expect(back?.id).not.toBe(ada);
  expect(
    await query(sql`select detail->>'reason' as reason from audit_entry where action = 'subscriber.lift_erasure'`),
  ).toEqual([{ reason: "asked by phone on 3 May" }]);
});

test("6.4 an erasure is one account's: another account keeps the same person, and its hash is another", async () => {
  const world = await createSyncedWorld();
  const other = await world.addAccount();
  other.changePerson(index, { cst_eml_address_dn: address });
  await other.listSync();
  await erasePerson(world.own.ctx, world.ada, address);
  await other.sync("Everybody");
  const [theirs] = await searchSubscribers(other.ctx, address, 2);
  await erasePerson(other.ctx, must(theirs, "she is theirs too").id, address);
  const hashes = await world.query(sql`select count(distinct hash) as hashes from erased_person`);
  expect(hashes).toEqual([{ hashes: 4 }]);
});
