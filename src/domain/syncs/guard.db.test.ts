import { sql } from "kysely";
import { expect, test } from "vitest";
import { expectInStep, membersOf, snapshot } from "../../../test/harness/truth.ts";
import { type Account, createWorld, type World, type WorldOptions } from "../../../test/harness/world.ts";
import { changeGroupGuard } from "../target-groups/change-groups.ts";
import { applyHeldSync, cancelSync, discardHeldSync } from "./decide-sync.ts";
import { listWouldChanges } from "./look-back.ts";
import type { Sync } from "./sync.ts";

/** A group of 96 members out of 100 people, in step. */
async function createSyncedWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({
    ...options,
    simulator: {
      members: 100,
      jobs: [
        { name: "Group", size: 100 },
        { name: "Other", size: 20 },
      ],
    },
  });
  await world.own.listSync();
  expect(await world.own.sync("Group")).toMatchObject({ distinctValid: 96 });
  return world;
}

const hasAddress = (index: number) => ![7, 57, 13, 26, 27].includes(index);
const addressed = Array.from({ length: 100 }, (_, index) => index).filter(hasAddress);

/** Takes the address from so many people: as many members go. */
function removeMembers(own: Account, count: number): void {
  for (const index of addressed.slice(0, count)) own.changePerson(index, { cst_eml_address_dn: "" });
}

async function wouldChange(
  own: Account,
  sync: Sync,
  kind: "added" | "removed" | "updated",
): Promise<readonly string[]> {
  const changes = await listWouldChanges(own.ctx, { syncId: sync.id, kind, limit: 1000 });
  return changes.map(({ remoteId }) => remoteId ?? "").sort();
}

test("1.5 applies a read that removes 30% and holds one that removes more", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 28); // 29.2%
  expect(await own.sync("Group")).toMatchObject({ state: "succeeded", removed: 28 });
  removeMembers(own, 28 + 21); // 21 of 68: 30.9%
  expect(await own.sync("Group")).toMatchObject({
    state: "held",
    heldReason: "the read would remove 21 of 68 members, more than 30%",
    finishedAt: null,
  });
});

test.each([
  ["exactly at the bound", { guardPercent: 25 }, 24, "succeeded"],
  ["one past the bound", { guardPercent: 25 }, 25, "held"],
  ["a group of the least size", { guardMinimum: 96 }, 90, "held"],
  ["a group smaller than that", { guardMinimum: 97 }, 90, "succeeded"],
  ["an absolute bound, at it", { guardAbsolute: 10 }, 10, "succeeded"],
  ["an absolute bound, past it", { guardAbsolute: 10 }, 11, "held"],
  ["nobody is left, however small the group", { guardMinimum: 1000, guardPercent: 100 }, 96, "held"],
] as const)("1.5 the bridge's guard: %s", async (_, bridge, removed, state) => {
  const { own } = await createSyncedWorld({ bridge });
  removeMembers(own, removed);
  for (const index of [26, 27]) if (removed === 96) own.changePerson(index, { cst_eml_address_dn: "" });
  expect(await own.sync("Group")).toMatchObject({ state });
});

test("1.5 a group's own guard goes before the bridge's", async () => {
  const { own } = await createSyncedWorld();
  const { id } = await own.group("Group");
  await changeGroupGuard(own.ctx, id, { percent: 5, minimum: null, absolute: null });
  removeMembers(own, 5);
  expect(await own.sync("Group")).toMatchObject({ state: "held" });
});

test("1.5 a query that was deleted in the AMS while nobody looked is held, not applied", async () => {
  const { own } = await createSyncedWorld();
  own.simulator.state.jobs.length = 0;
  expect(await own.sync("Group")).toMatchObject({
    state: "held",
    heldReason: "the read found nobody, and would remove all 96 members",
  });
  await discardHeldSync(own.ctx, (await own.request("Group")).sync.id);
});

test("1.5 a held sync changes nothing, shows who would come and go, and stops only its group", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  own.changePerson(7, { cst_eml_address_dn: "comes@example.org" });
  own.changePerson(99, { cst_no_email_flag: "1" });
  const before = await snapshot(own);
  const members = await membersOf(own, "Group");
  const held = await own.sync("Group");
  expect(held).toMatchObject({ state: "held", added: 1, removed: 40, membersBefore: 96 });
  expect(await snapshot(own)).toEqual(before);
  const goes = await wouldChange(own, held, "removed");
  expect(goes).toHaveLength(40);
  expect(members.map((line) => line.split(" ")[0])).toEqual(expect.arrayContaining([...goes]));
  expect(await wouldChange(own, held, "added")).toHaveLength(1);
  expect(await wouldChange(own, held, "updated")).toHaveLength(1);
  for (const trigger of ["resync", "publish", "nightly"] as const) {
    expect(await own.request("Group", { trigger })).toMatchObject({ answer: "held", sync: { id: held.id } });
  }
  expect(await own.sync("Other")).toMatchObject({ state: "succeeded" });
  await discardHeldSync(own.ctx, held.id);
});

test("1.5 an administrator applies a held sync: the group is that read, and the audit log says who", async () => {
  const { own, query } = await createSyncedWorld();
  removeMembers(own, 40);
  const held = await own.sync("Group");
  const goes = await wouldChange(own, held, "removed");
  own.simulator.state.callCount = 0;
  const applied = await applyHeldSync(own.ctx, held.id);
  expect(applied).toMatchObject({ state: "succeeded", decidedBy: "test", removed: 40, attempt: 1 });
  expect(own.simulator.state.callCount).toBe(0);
  await expectInStep(own, "Group");
  const gone = await query(sql<{ key: string }>`select s.remote_id as key from membership m
    join subscriber s on s.id = m.subscriber_id where m.removed_by = ${held.id} order by 1`);
  expect(gone.map(({ key }) => key)).toEqual(goes);
  const audit = await query(sql`select actor, subject from audit_entry where action = 'sync.apply'`);
  expect(audit).toEqual([{ actor: "test", subject: "Group" }]);
  await expect(applyHeldSync(own.ctx, held.id)).rejects.toMatchObject({ code: "sync_not_held" });
  expect(await own.sync("Group")).toMatchObject({ state: "succeeded", added: 0, removed: 0 });
});

test("1.5 an administrator discards a held sync: the group stays, and the next sync reads anew", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  const before = await snapshot(own);
  const held = await own.sync("Group");
  expect(await discardHeldSync(own.ctx, held.id)).toMatchObject({ state: "cancelled", decidedBy: "test" });
  expect(await snapshot(own)).toEqual(before);
  await expect(discardHeldSync(own.ctx, held.id)).rejects.toMatchObject({ code: "sync_not_held" });
  await expect(listWouldChanges(own.ctx, { syncId: held.id, kind: "removed", limit: 1 })).rejects.toMatchObject({
    code: "no_difference",
  });
  own.simulator.state.people.changed.clear();
  expect(await own.sync("Group")).toMatchObject({ state: "succeeded", removed: 0 });
});

test("1.5 a held sync is applied to the group and the people as they are by then", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  own.changePerson(7, { cst_eml_address_dn: "comes@example.org" });
  const held = await own.sync("Group");
  await own.sync("Other"); // brings some of the same people meanwhile
  await applyHeldSync(own.ctx, held.id);
  await expectInStep(own, "Group");
  await expectInStep(own, "Other");
});

test("1.5 a held sync whose read a database crash took can't be applied, only discarded", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  const held = await own.sync("Group");
  const staging = sql.table(`staging.read_${held.id.replaceAll("-", "")}`);
  await own.ctx.db.transaction(own.ctx.accountId, (tx) => sql`truncate ${staging}`.execute(tx));
  await expect(applyHeldSync(own.ctx, held.id)).rejects.toMatchObject({ code: "read_lost" });
  await discardHeldSync(own.ctx, held.id);
});

test("1.5 a held sync isn't cancelled by the way: it is applied or discarded", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  const held = await own.sync("Group");
  await expect(cancelSync(own.ctx, held.id)).rejects.toMatchObject({ code: "sync_held" });
  await discardHeldSync(own.ctx, held.id);
});

test("1.9 a dry run changes nothing, and says what the sync then does", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 9);
  own.changePerson(7, { cst_eml_address_dn: "comes@example.org" });
  own.changePerson(99, { cst_no_email_flag: "1" });
  const before = await snapshot(own);
  const dry = await own.sync("Group", { dryRun: true });
  expect(dry).toMatchObject({
    state: "succeeded",
    isDryRun: true,
    added: 1,
    removed: 9,
    updated: 1,
    membersBefore: 96,
  });
  expect(await snapshot(own)).toEqual(before);
  const comes = await wouldChange(own, dry, "added");
  const goes = await wouldChange(own, dry, "removed");
  const real = await own.sync("Group");
  const { added, removed, updated, distinctValid } = dry;
  expect(real).toMatchObject({ state: "succeeded", isDryRun: false, added, removed, updated, distinctValid });
  expect([comes.length, goes.length]).toEqual([1, 9]);
});

test("1.9 a dry run of a read that would be held says so, and holds nothing", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  const dry = await own.sync("Group", { dryRun: true });
  expect(dry).toMatchObject({ state: "succeeded", removed: 40 });
  expect(await wouldChange(own, dry, "removed")).toHaveLength(40);
  own.simulator.state.people.changed.clear();
  expect(await own.sync("Group")).toMatchObject({ state: "succeeded", removed: 0 });
});

test("1.9 a group with a held sync can still be asked by a dry run", async () => {
  const { own } = await createSyncedWorld();
  removeMembers(own, 40);
  const held = await own.sync("Group");
  own.simulator.state.people.changed.clear();
  expect(await own.sync("Group", { dryRun: true })).toMatchObject({ state: "succeeded", removed: 0 });
  await discardHeldSync(own.ctx, held.id);
});

test("1.9 a dry run of a group that was never synced shows everybody as new, and makes nobody", async () => {
  const { own, query } = await createWorld();
  await own.listSync();
  const dry = await own.sync("Board", { dryRun: true });
  expect(dry.added).toBe(dry.distinctValid);
  expect(await wouldChange(own, dry, "added")).toHaveLength(dry.distinctValid);
  expect(await query(sql`select 1 from subscriber`)).toEqual([]);
  expect((await own.group("Board")).countState).toBe("not_yet_counted");
});
