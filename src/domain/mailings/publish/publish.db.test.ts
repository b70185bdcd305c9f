import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  addMailing,
  goOn,
  messagesOf,
  publish,
  publishAndGoOn,
  readyToPublish,
} from "../../../../test/harness/mailings.ts";
import type { Account } from "../../../../test/harness/world.ts";
import { must } from "../../../platform/errors.ts";
import { deleteGroups } from "../../syncs/delete-groups.ts";
import { createCompound } from "../../target-groups/compose-group.ts";
import type { GroupId } from "../../target-groups/target-group.ts";
import { receiveUpload } from "../../uploads/receive-upload.ts";
import { requestImport } from "../../uploads/request-import.ts";
import { runImport } from "../../uploads/run-import.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { cancelInstance, pauseInstance, resumeInstance, retryInstance } from "./decide.ts";
import { findInstance, listLeftOut } from "./find-instances.ts";
import { goOnWithInstance } from "./go-on.ts";
import { findAudience } from "./measure-audience.ts";
import { publishMailing } from "./publish-mailing.ts";
import { eraseOldValues } from "./sweep.ts";

const compound = async (own: Account, name: string, include: readonly GroupId[], exclude: readonly GroupId[] = []) =>
  (
    await createCompound(own.ctx, {
      name,
      folderId: null,
      composition: { include: { isAll: false, of: include }, exclude: { isAll: false, of: exclude } },
    })
  ).id;

const recipientsOf = (own: Account, id: InstanceId) =>
  own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    const { rows } = await sql<{ place: number; email: string; values: Record<string, string>; state: string }>`
      select place, email, "values", state from recipient where instance_id = ${id} order by place`.execute(tx);
    return rows;
  });

test("4.2 a publish brings its groups in step, freezes who gets it, counts down, and sends", async () => {
  const { own, clock, board, jobs } = await readyToPublish();
  const built = await publishAndGoOn(own, { to: [board] });
  expect(built).toMatchObject({ state: "counting_down", audience: 59, recipients: 59 });
  const recipients = await recipientsOf(own, built.id);
  expect(recipients.map(({ place }) => place)).toEqual(Array.from({ length: built.recipients }, (_, at) => at + 1));
  expect(new Set(recipients.map(({ state }) => state))).toEqual(new Set(["waiting"]));
  clock.advance({ seconds: 50 });
  expect(await goOn(own, built.id)).toMatchObject({ state: "counting_down" });
  clock.advance({ seconds: 60 });
  expect(await goOn(own, built.id)).toMatchObject({ state: "sending" });
  expect(await jobs("deliver-mailing")).toHaveLength(1);
  expect(await messagesOf(own, built.id)).toEqual([
    "Published",
    "Brings its groups in step",
    "All groups are in step",
    expect.stringMatching(/^The audience stands: \d+ people of 59/),
    expect.stringMatching(/^Sends to \d+ people/),
  ]);
});

test("1.3 a publish syncs every bridge group of the audience, compounds and exclusions expanded, at any depth", async () => {
  const { own, everybody, board } = await readyToPublish();
  const inner = await compound(own, "Inner", [everybody], [board]);
  const outer = await compound(own, "Outer", [inner]);
  const nobody = (await own.group("Nobody")).id;
  const built = await publishAndGoOn(own, { to: [outer], notTo: [nobody] });
  const { groups } = await findInstance(own.ctx, built.id);
  expect(groups.map(({ group, sync }) => [group.name, sync?.trigger, sync?.state]).toSorted()).toEqual([
    ["Board", "publish", "succeeded"],
    ["Everybody", "publish", "succeeded"],
    ["Nobody", "publish", "succeeded"],
  ]);
});

test("1.3 groups of a publish are used ones: what the nightly rule goes by comes from it", async () => {
  const { own, everybody, board, query } = await readyToPublish();
  const { id } = await publish(own, await addMailing(own, { to: [everybody], notTo: [board] }));
  const uses = await query(sql<{ used_as: string; group_id: string }>`
    select used_as, group_id from target_group_use where instance_id = ${id} order by used_as`);
  expect(uses).toEqual([
    { used_as: "audience", group_id: everybody },
    { used_as: "exclusion", group_id: board },
  ]);
});

test("3.2 a group that a mailing has yet to go to can't be deleted; one that it went to, or that was cancelled, can", async () => {
  const { own, clock, board, everybody } = await readyToPublish();
  const sent = await publishAndGoOn(own, { to: [board] });
  await expect(deleteGroups(own.ctx, [board])).rejects.toMatchObject({ code: "group_in_use" });
  clock.advance({ seconds: 61 });
  expect(await goOn(own, sent.id)).toMatchObject({ state: "sending" });
  await deleteGroups(own.ctx, [board]);
  const { id } = await publishAndGoOn(own, { to: [everybody] });
  await expect(deleteGroups(own.ctx, [everybody])).rejects.toMatchObject({ code: "group_in_use" });
  await cancelInstance(own.ctx, id, {});
  await deleteGroups(own.ctx, [everybody]);
});

test("4.2 who is left out has a reason, and the numbers add up", async () => {
  const { own, everybody, board } = await readyToPublish();
  await own.sync("Everybody");
  await own.sync("Board");
  const list = await importList(own, ["twin@example.org", "alone@example.org"]);
  const { id } = await publish(own, await addMailing(own, { to: [everybody, list], notTo: [board] }));
  await own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    const some = sql`select s.id from subscriber s where standing = 'sendable' and remote_id is not null
      and not exists (select from membership m where m.subscriber_id = s.id and m.group_id = ${board})`;
    await sql`update subscriber set unsubscribed_at = now(), unsubscribe_origin = 'person'
      where id in (${some} order by id desc limit 3)`.execute(tx);
    // Another customer key with an address of the group.
    await sql`update subscriber set remote_id = 'Z', email_key = (select email_key from subscriber where id = (${some} limit 1))
      where email_key = 'twin@example.org'`.execute(tx);
  });
  const built = await goOn(own, id);
  const { exclusions, instance } = await findInstance(own.ctx, built.id);
  expect(exclusions).toMatchObject({ excluded_group: 59, unsubscribed: 3, duplicate_address: 1 });
  const left = Object.values(exclusions).reduce((sum, people) => sum + people, 0);
  expect(instance.audience).toBe(instance.recipients + left);
  expect(instance.excluded).toBe(left);
  const unsubscribed = await listLeftOut(own.ctx, { id, reason: "unsubscribed", limit: 10 });
  expect(unsubscribed).toHaveLength(3);
  const measured = await findAudience(own.ctx, built.mailingId);
  expect(measured).toMatchObject({
    audience: instance.audience,
    recipients: instance.recipients,
    excluded: exclusions,
  });
});

test("2.4 an address that the AMS marks under one customer key is left out under every other", async () => {
  const { own, board, query } = await readyToPublish();
  await own.sync("Board");
  const before = (await findAudience(own.ctx, await addMailing(own, { to: [board] }))).recipients;
  const [marked] = await query(sql<{ id: number }>`
    insert into subscriber (account_id, remote_id, email, email_key, do_not_email, created_at, updated_at)
    select account_id, 'another-key', email, email_key, true, created_at, updated_at from subscriber s
    where standing = 'sendable' and exists (select from membership m where m.subscriber_id = s.id) order by id limit 1
    returning id`);
  expect(marked).toBeDefined();
  const built = await publishAndGoOn(own, { to: [board] });
  const { exclusions, instance } = await findInstance(own.ctx, built.id);
  expect(instance.recipients).toBe(before - 1);
  expect(exclusions.do_not_email).toBe(instance.audience - before + 1);
});

async function importList(own: Account, addresses: readonly string[]): Promise<GroupId> {
  const { id } = await receiveUpload(own.ctx, "list.csv", Readable.from([Buffer.from(addresses.join("\n"))]));
  const reading = { encoding: "utf-8", delimiter: ",", hasHeader: false, columns: { email: 0, fields: {} } } as const;
  const sync = await requestImport(own.ctx, id, { name: "List", folderId: null }, { ...reading, mode: "replace" });
  await runImport(own.ctx, sync.id, { signal: new AbortController().signal, processId: randomUUID() });
  return must(sync.groupId, "an import has a group");
}

test("4.2 an address that got the mailing doesn't get it again when it is published anew", async () => {
  const { own, board } = await readyToPublish();
  const mailing = await addMailing(own, { to: [board] });
  const first = await goOn(own, (await publish(own, mailing)).id);
  await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    sql`update recipient set state = 'sent', sent_at = now() where place <= 10`.execute(tx),
  );
  await cancelInstance(own.ctx, first.id, {});
  const second = await goOn(own, (await publish(own, mailing)).id);
  expect(second.recipients).toBe(first.recipients - 10);
  expect((await findInstance(own.ctx, second.id)).exclusions.already_sent).toBe(10);
});

test("4.2 a scheduled mailing waits for its time; more than 60 minutes late it asks instead of sending", async () => {
  const { own, clock, board } = await readyToPublish();
  const mailing = await addMailing(own, { to: [board] });
  const dueAt = clock.now().add({ hours: 2 });
  const { id } = await publish(own, mailing, { dueAt });
  expect(await goOn(own, id)).toMatchObject({ state: "scheduled" });
  clock.set(dueAt.add({ minutes: 60, seconds: 1 }));
  const late = await goOn(own, id);
  expect(late).toMatchObject({ state: "on_hold", holdKind: "too_late" });
  await retryInstance(own.ctx, id, {});
  expect(await goOn(own, id)).toMatchObject({ state: "counting_down" });
  await cancelInstance(own.ctx, id, {});
  const again = await publish(own, mailing, { dueAt: clock.now().add({ hours: 2 }) });
  clock.advance({ hours: 3 });
  expect(await goOn(own, again.id)).toMatchObject({ state: "counting_down" });
});

test("4.2 cancelled within the countdown, no mail leaves", async () => {
  const { own, clock, board, jobs } = await readyToPublish();
  const built = await publishAndGoOn(own, { to: [board] });
  clock.advance({ seconds: 50 });
  await cancelInstance(own.ctx, built.id, {});
  clock.advance({ minutes: 5 });
  expect(await goOn(own, built.id)).toMatchObject({ state: "cancelled" });
  expect(await jobs("deliver-mailing")).toEqual([]);
  expect((await findInstance(own.ctx, built.id)).recipients).toMatchObject({ waiting: 0, cancelled: built.recipients });
});

test("4.2 paused at any step nothing goes on; resumed it does, and cancelled it is over", async () => {
  const { own, clock, board } = await readyToPublish();
  const steps: readonly [string, (instance: Instance) => Promise<unknown>][] = [
    ["scheduled", async () => {}],
    ["syncing", async ({ id }) => goOnWithInstance(own.ctx, id)],
    ["counting_down", async ({ id }) => goOn(own, id)],
    [
      "sending",
      async ({ id }) => {
        await goOn(own, id);
        clock.advance({ seconds: 61 });
        await goOn(own, id);
      },
    ],
  ];
  for (const [state, bring] of steps) {
    const mailing = await addMailing(own, { to: [board], name: state });
    const instance = await publish(
      own,
      mailing,
      state === "scheduled" ? { dueAt: clock.now().add({ minutes: 5 }) } : {},
    );
    await bring(instance);
    expect(await pauseInstance(own.ctx, instance.id, {})).toMatchObject({ state: "paused", resumesIn: state });
    clock.advance({ minutes: 10 });
    expect(await goOn(own, instance.id)).toMatchObject({ state: "paused" });
    await expect(pauseInstance(own.ctx, instance.id, {})).rejects.toMatchObject({ code: "not_in_this_state" });
    await resumeInstance(own.ctx, instance.id, {});
    const resumed = await goOn(own, instance.id);
    expect(resumed.state).toBe(state === "sending" ? "sending" : "counting_down");
    await pauseInstance(own.ctx, instance.id, {});
    expect(await cancelInstance(own.ctx, instance.id, {})).toMatchObject({ state: "cancelled", cancelledBy: "test" });
    await expect(resumeInstance(own.ctx, instance.id, {})).rejects.toMatchObject({ code: "not_in_this_state" });
  }
});

test("4.2 nobody to send to is on hold, and a decision on an older look is refused", async () => {
  const { own } = await readyToPublish();
  const nobody = (await own.group("Nobody")).id;
  const held = await publishAndGoOn(own, { to: [nobody] });
  expect(held).toMatchObject({ state: "on_hold", holdKind: "nobody" });
  await expect(retryInstance(own.ctx, held.id, { version: held.version - 1 })).rejects.toMatchObject({
    code: "edited_meanwhile",
  });
});

test("4.2 a second press of Publish finds the first, whoever presses, and however many at once", async () => {
  const { own, board, query } = await readyToPublish();
  const mailing = await addMailing(own, { to: [board] });
  const presses = await Promise.all(
    Array.from({ length: 100 }, () => publishMailing(own.ctx, mailing, { version: 1 })),
  );
  expect(new Set(presses.map(({ instance }) => instance.id)).size).toBe(1);
  expect(presses.filter(({ answer }) => answer === "published")).toHaveLength(1);
  expect(await query(sql`select id from mailing_instance`)).toHaveLength(1);
});

test("4.2 what was edited meanwhile isn't published, nor what a check blocks", async () => {
  const { own, board } = await readyToPublish();
  const mailing = await addMailing(own, { to: [board] });
  await expect(publish(own, mailing, { version: 2 })).rejects.toMatchObject({ code: "edited_meanwhile" });
  const blocked = await addMailing(own, { to: [board], subject: "" });
  await expect(publish(own, blocked)).rejects.toMatchObject({ code: "not_ready" });
  const groupless = await addMailing(own, { to: [] });
  await expect(publish(own, groupless)).rejects.toMatchObject({ code: "not_ready" });
  await expect(publish(own, mailing, { dueAt: own.ctx.clock.now().subtract({ seconds: 1 }) })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("2.5 values that aren't kept are read for the mailing, frozen, and erased: from the sync at once, from the instance after its time", async () => {
  const { own, clock, ctx, board, query } = await readyToPublish();
  await own.sync("Board");
  const before = await query(sql<{ row_hash: string }>`select row_hash from subscriber order by id`);
  const built = await publishAndGoOn(own, {
    to: [board],
    html: '<p>{{ ind_first_name | default: "Friend" }}</p>{{ postal_address }} <a href="{{ unsubscribe_url }}">x</a>',
  });
  const values = (await recipientsOf(own, built.id)).map((recipient) => recipient.values);
  expect(values.filter(({ ind_first_name: name }) => name).length).toBeGreaterThan(40);
  expect(await query(sql`select 1 from sync_value`)).toEqual([]);
  expect(await query(sql<{ row_hash: string }>`select row_hash from subscriber order by id`)).toEqual(before);
  expect((await query(sql`select 1 from subscriber where "values" <> '{}'`)).length).toBe(0);
  const { groups } = await findInstance(own.ctx, built.id);
  expect(groups[0]?.sync).toMatchObject({ updated: 0, extraFields: ["ind_first_name"] });
  await cancelInstance(own.ctx, built.id, {});
  clock.advance({ hours: 24 * 30 - 1 });
  await eraseOldValues(ctx);
  expect((await recipientsOf(own, built.id)).some((recipient) => recipient.values.ind_first_name)).toBe(true);
  clock.advance({ hours: 2 });
  await eraseOldValues(ctx);
  expect((await recipientsOf(own, built.id)).some((recipient) => recipient.values.ind_first_name)).toBe(false);
});
