import { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createInstance } from "../../../test/harness/mailing.ts";
import { occurrencesOf } from "../../../test/harness/occurrences.ts";
import { createWorld } from "../../../test/harness/world.ts";
import { must, NotFoundError } from "../../platform/errors.ts";
import { unsubscribePerson } from "../subscribers/change-person-wish.ts";
import { searchSubscribers } from "../subscribers/find-subscribers.ts";
import { receiveUpload } from "../uploads/receive-upload.ts";
import { erasePerson } from "./erase-person.ts";
import { exportPerson } from "./export-person.ts";
import { type ExportFormat, writeExport } from "./write-export.ts";

const address = "Ada.Love@Example.org";

async function createFullWorld() {
  const world = await createWorld();
  const { own, query } = world;
  own.changePerson(10, { cst_eml_address_dn: address });
  await own.listSync();
  await own.sync("Everybody");
  const [person] = await searchSubscribers(own.ctx, address, 1);
  const { id, remoteId } = must(person, "she came with the sync");
  await query(sql`update subscriber set "values" = '{"note": "<b>bold</b> & \\"quoted\\""}' where id = ${id}`);
  await query(sql`insert into personalization_field (account_id, bridge_id, name, data_type, display_name, is_valid, is_kept, created_at)
    select account_id, id, 'note', 'text', 'Note', true, true, now() from bridge`);
  const instance = await createInstance(own.ctx, { to: [id] });
  await query(sql`insert into mailing_activity (account_id, instance_id, place, kind, at, link)
    select ${own.ctx.accountId}, ${instance.id}, 1, 'click', now() - n * interval '1 second', 1 from generate_series(1, 1500) n`);
  await query(sql`insert into instance_exclusion (account_id, instance_id, subscriber_id, reason)
    values (${own.ctx.accountId}, ${(await createInstance(own.ctx, { to: 1 })).id}, ${id}, 'unsubscribed')`);
  await unsubscribePerson(own.ctx, id, "by letter");
  await query(sql`insert into rejected_row (account_id, group_id, fingerprint, remote_id, email, reason, added_by, removed_by)
    select account_id, group_id, gen_random_uuid(), 'x', ${`${address};b@example.org`}, 'malformed_address', id, id
    from sync where kind = 'subscriber' limit 1`);
  const sync = must(
    (await query(sql<{ id: string }>`select id from sync where kind = 'subscriber' limit 1`))[0],
    "one ran",
  ).id;
  await query(sql`insert into sync_value values (${own.ctx.accountId}, ${sync}, ${id}, '{"extra": "value"}')`);
  await receiveUpload(own.ctx, "guests.csv", Readable.from([Buffer.from(`Mail\n${address}\n`)]));
  return Object.assign(world, { ada: id, key: must(remoteId, "the AMS gave one") });
}

async function readExport(world: Awaited<ReturnType<typeof createFullWorld>>, format: ExportFormat): Promise<string> {
  let text = "";
  for await (const piece of writeExport(await exportPerson(world.own.ctx, world.ada), format)) text += piece;
  return text;
}

test("2.6 an export has everything that is kept of a person, of every table that names them", async () => {
  const world = await createFullWorld();
  const found = JSON.parse(await readExport(world, "json"));
  expect(found).toMatchObject({
    account: "Association of Tests",
    addresses: [address],
    customerKey: world.key,
    subscribers: [{ email: address, values: { note: '<b>bold</b> & "quoted"' }, standing: "unsubscribed" }],
    groups: [{ group: "Everybody", until: null }],
    wishes: [{ change: "unsubscribed", origin: "administrator", reason: "by letter", by: "test" }],
    writebacks: [{ type: "unsubscribe", state: "ready", customerKey: world.key }],
    mailings: [{ mailing: "News", email: address, state: "sent" }],
    leftOut: [{ mailing: "News", reason: "unsubscribed" }],
    rowsSetAside: [{ email: `${address};b@example.org`, reason: "malformed_address" }],
    valuesForMailings: [{ values: { extra: "value" } }],
    files: [{ file: "guests.csv" }],
  });
  expect(found.activity).toHaveLength(1500);
  expect(found.activity[0]).toMatchObject({ kind: "click", link: "https://example.org/join" });
  expect(found.auditLog.map(({ action }: { action: string }) => action)).toEqual([
    "subscriber.unsubscribe",
    "subscriber.export",
  ]);
  // A table that names the person and has no part in the file would be forgotten.
  const tables = new Set((await occurrencesOf(world, address)).map((place) => place.split(".")[0]));
  expect([...tables].sort()).toEqual([
    "audit_entry",
    "recipient",
    "rejected_row",
    "subscriber",
    "upload_piece",
    "writeback",
  ]);
});

test("2.6 an export for people is a page that shows values as text, whatever they hold", async () => {
  const world = await createFullWorld();
  const page = await readExport(world, "html");
  expect(page).toContain("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;");
  expect(page).not.toContain("<b>");
  expect(page.match(/<tr><td>[^<]*<\/td><td>News<\/td><td>click<\/td>/g)).toHaveLength(1500);
});

test("2.6 of an erased person there is nothing to export", async () => {
  const world = await createFullWorld();
  await erasePerson(world.own.ctx, world.ada, address);
  await expect(exportPerson(world.own.ctx, world.ada)).rejects.toThrow(NotFoundError);
});
