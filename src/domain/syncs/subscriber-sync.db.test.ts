import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { keyOf } from "../../../simulator/guid.ts";
import { findPerson } from "../../../simulator/people.ts";
import { expectInStep, membersOf, snapshot, truthOf } from "../../../test/harness/truth.ts";
import { type Account, createWorld, type World } from "../../../test/harness/world.ts";
import { newId } from "../../platform/ids.ts";
import { changeField } from "../bridges/change-field.ts";
import { countDetails } from "../target-groups/count-details.rules.ts";
import { findSync, findSyncStory } from "./find-syncs.ts";
import { listRejectedRows } from "./look-back.ts";
import type { SyncId } from "./sync.ts";
import { workOnBridge } from "./work-on-bridge.ts";

async function createListedWorld(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(options);
  await world.own.listSync();
  return world;
}

/** Somebody of the group who may be mailed, as an index into the AMS's file. */
async function indexOfSendable(account: Account, groupName: string): Promise<number> {
  const { people } = account.simulator.state;
  const line = (await membersOf(account, groupName)).find((member) => member.endsWith(" 0")) ?? "";
  return findPerson(people, line.split(" ")[0] ?? "");
}

/** Waits, a little at a time, until it is so; the world's clock stands still meanwhile. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) {
    if (await isTrue()) return;
    await wait(10);
  }
  throw new Error("it did not come to pass within 10 seconds");
}

test("1.2 the first sync makes the group what the AMS says, person by person", async () => {
  const { own } = await createListedWorld();
  const sync = await own.sync("Everybody");
  expect(sync).toMatchObject({
    state: "succeeded",
    rowsRead: 300,
    membersBefore: 0,
    added: 288,
    removed: 0,
    updated: 0,
  });
  expect(sync.attempt).toBe(1);
  await expectInStep(own, "Everybody");
  const group = await own.group("Everybody");
  expect(group).toMatchObject({ countState: "counted", countedAt: sync.finishedAt });
  expect((await own.group("Board")).countState).toBe("not_yet_counted");
});

test.each([1, 7, 60, 61])("1.2 reads a group whole from a site that cuts its answers at %i rows", async (rowCap) => {
  const { own } = await createListedWorld({ simulator: { rowCap } });
  expect(await own.sync("Board")).toMatchObject({ state: "succeeded", rowsRead: 60 });
  await expectInStep(own, "Board");
});

test("1.2 a query with nobody makes an empty group, not an error", async () => {
  const { own } = await createListedWorld();
  expect(await own.sync("Nobody")).toMatchObject({ state: "succeeded", rowsRead: 0, added: 0 });
  expect(await own.group("Nobody")).toMatchObject({ countState: "counted", counts: { totalRecords: 0, sendable: 0 } });
});

test("1.2 the next sync applies the difference: who comes, who goes, who changed", async () => {
  const { own } = await createListedWorld();
  await own.sync("Everybody");
  own.changePerson(7, { cst_eml_address_dn: "new.address@example.org" }); // had none: comes
  own.changePerson(1, { cst_eml_address_dn: "" }); // goes
  own.changePerson(2, { cst_eml_address_dn: "moved@example.org" }); // another subscriber: one goes, one comes
  own.changePerson(3, { cst_no_email_flag: "1" }); // changes
  const sync = await own.sync("Everybody");
  expect(sync).toMatchObject({ state: "succeeded", membersBefore: 288, added: 2, removed: 2, updated: 1 });
  await expectInStep(own, "Everybody");
});

test("1.2 follows a year of drift, day by month", async () => {
  const { own } = await createListedWorld({
    simulator: { jobs: [{ name: "Some", size: 120 }] },
    bridge: { guardPercent: 100 },
  });
  for (let month = 0; month < 12; month += 1) {
    expect(await own.sync("Some")).toMatchObject({ state: "succeeded" });
    await expectInStep(own, "Some");
    own.simulator.state.people.day += 30;
  }
});

test("1.2 a sync of an unchanged group writes no row of people, members or rejects", async () => {
  const { own } = await createListedWorld();
  await changeField(own.ctx, "ind_last_name", { isKept: true });
  await own.sync("Everybody");
  const before = (await snapshot(own)) as { versions: unknown };
  const sync = await own.sync("Everybody");
  expect(sync).toMatchObject({ state: "succeeded", added: 0, removed: 0, updated: 0, rowsRead: 300 });
  expect(((await snapshot(own)) as { versions: unknown }).versions).toEqual(before.versions);
  expect((await own.group("Everybody")).countedAt).toEqual(sync.finishedAt);
});

test("1.2 a sync of a group with one change writes that row alone", async () => {
  const { own, query } = await createListedWorld();
  await own.sync("Everybody");
  own.changePerson(100, { cst_no_email_flag: "1" });
  const written = () =>
    query(
      sql<{
        xmin: string;
      }>`select xmin::text from subscriber where xmin::text::bigint >= pg_current_xact_id()::text::bigint - 100000`,
    );
  const before = new Set((await written()).map(({ xmin }) => xmin));
  expect(await own.sync("Everybody")).toMatchObject({ added: 0, removed: 0, updated: 1 });
  expect((await written()).filter(({ xmin }) => !before.has(xmin))).toHaveLength(1);
});

test("1.6 the chain adds up, step by step, and each step is what the AMS holds", async () => {
  const { own } = await createListedWorld();
  own.changePerson(50, { cst_key: "" });
  own.changePerson(51, { cst_key: "no-key" });
  own.changePerson(52, { cst_no_email_flag: "perhaps" });
  await own.sync("Everybody");
  const chain = countDetails((await own.group("Everybody")).counts, "netFORUM Pro");
  const doNotEmail = truthOf(own.simulator, "Everybody").members.filter((line) => line.endsWith(" 1")).length;
  expect(doNotEmail).toBeGreaterThan(0);
  expect(chain.map(({ step, people }) => [step, people])).toEqual([
    ["total_records", 300],
    ["unusable", 3],
    ["without_address", 6],
    ["malformed_address", 3],
    ["duplicate", 3],
    ["distinct_valid", 285],
    ["do_not_email", doNotEmail],
    ["unsubscribed", 0],
    ["bad_email", 0],
    ["sendable", 285 - doNotEmail],
  ]);
});

test("1.6 a change of how a person stands moves the counts of all the person's groups at once", async () => {
  const { own } = await createListedWorld();
  await own.sync("Everybody");
  await own.sync("Board");
  const countsOf = async (name: string) => (await own.group(name)).counts;
  const before = { all: await countsOf("Everybody"), board: await countsOf("Board") };
  own.changePerson(await indexOfSendable(own, "Board"), { cst_no_email_flag: "1" });
  await own.sync("Board"); // Everybody is not synced, but holds the same person
  for (const [counts, name] of [
    [before.all, "Everybody"],
    [before.board, "Board"],
  ] as const) {
    const { doNotEmail, sendable } = await countsOf(name);
    expect([doNotEmail, sendable]).toEqual([counts.doNotEmail + 1, counts.sendable - 1]);
  }
});

test("1.7 keeps each row that can't be used with its reason, and lets it go when it can", async () => {
  const { own } = await createListedWorld({ simulator: { jobs: [{ name: "All", size: 300 }] } });
  own.changePerson(50, { cst_key: "", cst_eml_address_dn: "no.key@example.org" });
  own.changePerson(51, { cst_key: "no-key" });
  own.changePerson(52, { cst_no_email_flag: "perhaps" });
  own.changePerson(54, { cst_key: keyOf(53, own.simulator.state.people.seed) });
  const first = await own.sync("All");
  const { id: groupId } = await own.group("All");
  const list = async () => {
    const rows = await listRejectedRows(own.ctx, { groupId, reasons: undefined, limit: 100 });
    return rows.map(({ reason, remoteId, email }) => ({ reason, remoteId, email }));
  };
  const rows = await list();
  const reasons = Map.groupBy(rows, ({ reason }) => reason);
  expect(Object.fromEntries([...reasons].map(([reason, found]) => [reason, found.length]))).toEqual({
    key_missing: 1,
    key_malformed: 1,
    flag_malformed: 1,
    duplicate_key: 1,
    duplicate_address: 3,
    malformed_address: 3,
    without_address: 6,
  });
  expect(reasons.get("key_missing")).toEqual([{ reason: "key_missing", remoteId: "", email: "no.key@example.org" }]);
  expect(reasons.get("key_malformed")?.[0]?.remoteId).toBe("no-key");
  expect(first).toMatchObject({ unusable: 3, withoutAddress: 6, malformedAddress: 3, duplicate: 4 });
  expect(first.distinctValid + 16).toBe(300);
  for (const index of [50, 51, 52, 54]) own.simulator.state.people.changed.delete(index);
  await own.sync("All");
  expect(await list()).toHaveLength(12);
  await expectInStep(own, "All");
});

test("1.7 a row that the service repeats is kept as a duplicate, not counted twice", async () => {
  const { own } = await createListedWorld();
  own.strike("duplicate_row", { skip: 0, times: 1, operation: "GetQuery" });
  const sync = await own.sync("Everybody");
  expect(sync).toMatchObject({ state: "succeeded", rowsRead: 301, duplicate: 4, distinctValid: 288 });
});

test("2.5 reads the values of kept fields alone, and forgets them when they are kept no more", async () => {
  const { own, query } = await createListedWorld();
  const held = async () => {
    const rows = await query(sql<{ names: string[] }>`
      select distinct array(select jsonb_object_keys("values") order by 1) as names from subscriber`);
    return [...new Set(rows.flatMap(({ names }) => names))].sort();
  };
  await own.sync("Everybody");
  expect(await held()).toEqual([]);
  await changeField(own.ctx, "ind_last_name", { isKept: true });
  await changeField(own.ctx, "chp_name", { isKept: true });
  expect(await own.sync("Everybody")).toMatchObject({ added: 0, removed: 0, updated: 291 });
  expect(await held()).toEqual(["chp_name", "ind_last_name"]);
  await changeField(own.ctx, "chp_name", { isKept: false });
  await own.sync("Everybody");
  expect(await held()).toEqual(["ind_last_name"]);
});

test("2.5 stores values as the AMS wrote them, in any script", async () => {
  const { own, query } = await createListedWorld();
  await changeField(own.ctx, "ind_last_name", { isKept: true });
  const names = ['O\'Neil & Sons <b>"x"</b>', "\\N", "a\tb\\c", "محمد الأحمد", "👩‍👩‍👧", "null", "{}"];
  for (const [index, name] of names.entries()) own.changePerson(index, { ind_last_name: name });
  await own.sync("Everybody");
  const rows = await query(sql<{ name: string }>`select "values"->>'ind_last_name' as name from subscriber
    where remote_id = any(${names.map((_, index) => keyOf(index, 1))}) order by array_position(${names}, "values"->>'ind_last_name')`);
  expect(rows.map(({ name }) => name)).toEqual(names);
});

test("1.2 a read that is interrupted by a stop goes on where it was, and counts nothing twice", async () => {
  const world = await createListedWorld({ simulator: largeSite });
  const { sync } = await world.own.request("Large");
  await interrupt(world, sync.id);
  const rest = await findSync(world.own.ctx, sync.id);
  expect(rest).toMatchObject({ state: "reading", attempt: 1 });
  expect(rest.rowsRead).toBeLessThan(12_000);
  world.own.simulator.state.calls.clear();
  const ended = await world.own.workUntilEnded(sync.id);
  expect(ended).toMatchObject({ state: "succeeded", attempt: 2, rowsRead: 12_000 });
  // 12 pages and the empty one, less those that were read before: two of five and a half thousand rows at least.
  expect(world.own.simulator.state.calls.get("GetQuery")).toBeLessThan(10);
  await expectInStep(world.own, "Large");
});

test("1.2 what was staged is lost in a database crash: the read starts again", async () => {
  const world = await createListedWorld({ simulator: largeSite });
  const { sync } = await world.own.request("Large");
  await interrupt(world, sync.id);
  await world.own.ctx.db.transaction(world.own.ctx.accountId, (tx) =>
    sql`truncate ${sql.table(`staging.read_${sync.id.replaceAll("-", "")}`)}`.execute(tx),
  );
  const ended = await world.own.workUntilEnded(sync.id);
  expect(ended).toMatchObject({ state: "succeeded", attempt: 2, rowsRead: 12_000 });
  await expectInStep(world.own, "Large");
});

test("1.2 a sync that another process took over is left to it by the first", async () => {
  const world = await createListedWorld({ simulator: largeSite });
  const { own } = world;
  const { sync } = await own.request("Large");
  const { id: bridgeId } = await own.bridge();
  // No lock stands behind this process: to the others it is dead, though it goes on.
  const signal = new AbortController().signal;
  const zombie = workOnBridge(own.ctx, bridgeId, { signal, processId: newId() });
  await until(async () => (await findSync(own.ctx, sync.id)).rowsRead > 0);
  await own.work();
  await zombie;
  expect(await findSync(own.ctx, sync.id)).toMatchObject({ state: "succeeded", attempt: 2, rowsRead: 12_000 });
  const { events } = await findSyncStory(own.ctx, sync.id);
  expect(events.filter(({ state }) => state === "succeeded")).toHaveLength(1);
  await expectInStep(own, "Large");
});

/** Enough rows to be staged more than once, slowly enough to come between. */
const largeSite = { members: 12_000, rowCap: 1000, latencyMs: 20, jobs: [{ name: "Large", size: 12_000 }] };

/** Runs the sync until something is staged, then stops the process's work. */
async function interrupt({ own }: World, id: SyncId): Promise<void> {
  const stop = new AbortController();
  const running = own.work(stop.signal);
  await until(async () => (await findSync(own.ctx, id)).rowsRead > 0);
  stop.abort();
  await running;
}
