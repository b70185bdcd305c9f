import { sql } from "kysely";
import { expect, test } from "vitest";
import { addInstance } from "../../../test/harness/mailings.ts";
import { expectInStep } from "../../../test/harness/truth.ts";
import { type Account, createWorld, type World, type WorldOptions } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { configureBridge } from "../bridges/configure-bridge.ts";
import { recordGroupUse } from "../target-groups/record-group-use.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { discardHeldSync } from "./decide-sync.ts";
import { listSyncs } from "./find-syncs.ts";
import {
  findNightlyRun,
  findNightlyVerdict,
  goOnWithNightly,
  listNightlyRuns,
  previewNightly,
  startDueNightlies,
  startNightly,
} from "./nightly.ts";
import type { NightlyRun } from "./nightly-store.ts";

/** Berlin's night of 5 March 2030 is due at 02:00 UTC; the groups are old by then, so none is taken for its age. */
const due = Temporal.Instant.from("2030-03-05T02:00:00Z");
const jobNames = ["Audience", "Excluded", "In compound", "In deep compound", "Old", "Young"];

async function createAgedWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({
    timeZone: "Europe/Berlin",
    simulator: { jobs: jobNames.map((name) => ({ name, size: 10 })) },
    ...options,
  });
  await world.own.listSync();
  await world.query(sql`update target_group set created_at = '2029-01-01T00:00:00Z'`);
  return world;
}

async function use(
  world: World,
  groupId: GroupId,
  usedAs: "audience" | "exclusion",
  at: Temporal.Instant,
): Promise<void> {
  const { ctx } = world.own;
  const then = { ...ctx, clock: { ...ctx.clock, now: () => at } };
  const instance = await addInstance(ctx);
  await ctx.db.transaction(ctx.accountId, (tx) => recordGroupUse(tx, then, instance, [{ groupId, usedAs }]));
}

/** A compound group of these parts; the doors for it come with the audiences. */
async function createCompound(world: World, name: string, parts: readonly GroupId[]): Promise<GroupId> {
  const id = newId<GroupId>();
  const { accountId } = world.own.ctx;
  await world.query(sql`insert into target_group (account_id, id, folder_id, kind, name, created_at)
    select ${accountId}, ${id}, (select id from folder limit 1), 'compound', ${name}, '2029-01-01T00:00:00Z'`);
  for (const part of parts)
    await world.query(sql`insert into compound_part (account_id, compound_id, part_id, side)
      values (${accountId}, ${id}, ${part}, 'include')`);
  return id;
}

/** Steps on as the jobs would, until the run is done. */
async function finish(own: Account, run: NightlyRun): Promise<NonNullable<Awaited<ReturnType<typeof findNightlyRun>>>> {
  for (let turn = 0; turn < 10; turn += 1) {
    await own.workAll();
    await goOnWithNightly(own.ctx, run.id);
    const found = must(await findNightlyRun(own.ctx, run.id), "the run is there");
    if (found.run.state === "done") return found;
  }
  throw new Error("the nightly run did not end");
}

async function lastRun(own: Account): Promise<NightlyRun> {
  return must((await listNightlyRuns(own.ctx, { limit: 1 }))[0], "a night was had");
}

test("1.3 nightly takes what is young, used, or part of a used compound at any depth; bounds are inclusive", async () => {
  const world = await createAgedWorld();
  const { own, ctx, clock, query } = world;
  const idOf = async (name: string) => (await own.group(name)).id;
  const oldest = Temporal.ZonedDateTime.from("2030-03-05T03:00[Europe/Berlin]").subtract({ days: 90 }).toInstant();
  const young = Temporal.ZonedDateTime.from("2030-03-05T03:00[Europe/Berlin]").subtract({ days: 7 }).toInstant();
  await query(sql`update target_group set created_at = ${young} where name = 'Young'`);
  await use(world, await idOf("Audience"), "audience", oldest);
  await use(world, await idOf("Excluded"), "exclusion", oldest);
  await use(world, await idOf("Old"), "audience", oldest.subtract({ seconds: 1 }));
  const shallow = await createCompound(world, "Shallow", [await idOf("In compound")]);
  const inner = await createCompound(world, "Inner", [await idOf("In deep compound")]);
  const outer = await createCompound(world, "Outer", [inner]);
  await use(world, shallow, "audience", oldest);
  await use(world, outer, "exclusion", oldest);
  clock.set(due);
  await startDueNightlies(ctx);
  const { run, verdicts } = await finish(own, await lastRun(own));
  expect(run).toMatchObject({ localDate: "2030-03-05", dueAt: due, causedBy: "schedule", note: null });
  expect(verdicts.map(({ groupName, isTaken, reason, state }) => [groupName, isTaken, reason, state])).toEqual([
    ["Audience", true, "used in a mailing in the past 90 days", "succeeded"],
    ["Excluded", true, "used in a mailing in the past 90 days", "succeeded"],
    ["In compound", true, "part of a compound group used in the past 90 days", "succeeded"],
    ["In deep compound", true, "part of a compound group used in the past 90 days", "succeeded"],
    [
      "Old",
      false,
      "not created in the past 7 days, nor used in a mailing, alone or in a compound group, in the past 90 days",
      null,
    ],
    ["Young", true, "created in the past 7 days", "succeeded"],
  ]);
  for (const name of ["Audience", "Young"]) await expectInStep(own, name);
  expect((await own.group("Old")).countState).toBe("not_yet_counted");
});

test("1.3 nightly begins with a list sync, so that tonight's new query is read tonight", async () => {
  const { own, ctx, clock } = await createAgedWorld();
  const { people, jobs } = own.simulator.state;
  jobs.push({
    number: 77,
    key: "12345678-1234-4234-8234-1234567890ab",
    name: "Brand new",
    size: Math.min(10, people.count),
  });
  clock.set(due);
  await startDueNightlies(ctx);
  const run = await lastRun(own);
  const [list, ...others] = await listSyncs(own.ctx, { nightlyRunId: run.id, limit: 10 });
  expect([list?.kind, others]).toEqual(["list", []]);
  const { verdicts } = await finish(own, run);
  expect(verdicts.filter(({ isTaken }) => isTaken)).toMatchObject([{ groupName: "Brand new", state: "succeeded" }]);
});

test("1.3 nightly runs at the account's hour, not before, and once", async () => {
  const { own, ctx, clock } = await createAgedWorld();
  await startDueNightlies(ctx); // the hour of this day passed before the bridge was there
  clock.set(due.subtract({ milliseconds: 1 }));
  await startDueNightlies(ctx);
  expect(await listNightlyRuns(own.ctx, { limit: 10 })).toEqual([]);
  clock.set(due);
  await Promise.all([startDueNightlies(ctx), startDueNightlies(ctx), startDueNightlies(ctx)]);
  await finish(own, await lastRun(own));
  for (let minute = 0; minute < 60 * 24; minute += 97) {
    clock.set(due.add({ minutes: minute }));
    await startDueNightlies(ctx);
  }
  expect(await listNightlyRuns(own.ctx, { limit: 10 })).toHaveLength(1);
  clock.set(due.add({ hours: 24 }));
  await startDueNightlies(ctx);
  expect((await listNightlyRuns(own.ctx, { limit: 10 })).map(({ localDate }) => localDate)).toEqual([
    "2030-03-06",
    "2030-03-05",
  ]);
  await finish(own, await lastRun(own));
});

test("1.3 nights missed while the program was down are made up for once", async () => {
  const { own, ctx, clock } = await createAgedWorld();
  clock.set(due.add({ hours: 24 * 4 + 5 })); // five nights went by
  await startDueNightlies(ctx);
  await startDueNightlies(ctx);
  const runs = await listNightlyRuns(own.ctx, { limit: 10 });
  expect(runs).toMatchObject([{ localDate: "2030-03-09", dueAt: due.add({ hours: 24 * 4 }) }]);
  await finish(own, await lastRun(own));
});

test("1.3 nightly is off where it is switched off, and each account has its own hour", async () => {
  const { own, ctx, clock, addAccount } = await createAgedWorld({ bridge: { nightlyIsOn: false } });
  const tokyo = await addAccount({ timeZone: "Asia/Tokyo", bridge: { nightlyHour: 4 } });
  clock.set("2030-03-05T18:59:59Z");
  await startDueNightlies(ctx);
  expect(await listNightlyRuns(tokyo.ctx, { limit: 10 })).toMatchObject([{ localDate: "2030-03-05" }]);
  clock.set("2030-03-05T19:00:00Z");
  await startDueNightlies(ctx);
  const [latest] = await listNightlyRuns(tokyo.ctx, { limit: 10 });
  expect(latest).toMatchObject({ localDate: "2030-03-06", dueAt: Temporal.Instant.from("2030-03-05T19:00:00Z") });
  expect(await listNightlyRuns(own.ctx, { limit: 10 })).toEqual([]);
  await tokyo.workAll();
});

test("1.3 the list can't be read: the groups known so far are synced, and the run says so", async () => {
  const world = await createAgedWorld({ connector: { retries: 0 } });
  const { own, ctx, clock } = world;
  await use(world, (await own.group("Audience")).id, "audience", due.subtract({ hours: 24 }));
  clock.set(due);
  own.strike("fault", { operation: "GetFacadeXMLSchema" });
  await startDueNightlies(ctx);
  const { run, verdicts } = await finish(own, await lastRun(own));
  expect(run.note).toBe("The list of target groups could not be read; the groups known so far were synced.");
  expect(verdicts.filter(({ isTaken }) => isTaken)).toMatchObject([{ groupName: "Audience", state: "succeeded" }]);
});

test("1.3 refused credentials end the night without trying each group", async () => {
  const world = await createAgedWorld();
  const { own, ctx, clock } = world;
  await use(world, (await own.group("Audience")).id, "audience", due.subtract({ hours: 24 }));
  await configureBridge(own.ctx, { password: "wrong" });
  clock.set(due);
  await startDueNightlies(ctx);
  const { run, verdicts } = await finish(own, await lastRun(own));
  expect(run.note).toContain("needs attention");
  expect(verdicts.filter(({ isTaken }) => isTaken)).toEqual([]);
  expect(own.simulator.state.sessions.badPasswords).toBe(1);
});

test("1.3 an inactive bridge has its night noted and is not called", async () => {
  const { own, ctx, clock } = await createAgedWorld();
  clock.set(due);
  await startDueNightlies(ctx);
  await finish(own, await lastRun(own));
  await configureBridge(own.ctx, { isActive: false });
  own.simulator.state.callCount = 0;
  clock.advance({ hours: 24 });
  await startDueNightlies(ctx);
  await own.workAll();
  expect(own.simulator.state.callCount).toBe(0);
  await expect(startNightly(own.ctx)).rejects.toMatchObject({ code: "bridge_inactive" });
});

test("1.3 a missing group and a held one are not taken, with their reasons", async () => {
  const world = await createAgedWorld({ bridge: { guardMinimum: 0, guardPercent: 0 } });
  const { own, ctx, clock } = world;
  for (const name of ["Audience", "Excluded"])
    await use(world, (await own.group(name)).id, "audience", due.subtract({ hours: 24 }));
  await own.sync("Audience");
  own.simulator.state.people.day += 300;
  const held = await own.sync("Audience");
  expect(held.state).toBe("held");
  const { jobs } = own.simulator.state;
  jobs.splice(
    jobs.findIndex(({ name }) => name === "Excluded"),
    1,
  );
  clock.set(due);
  await startDueNightlies(ctx);
  const { verdicts } = await finish(own, await lastRun(own));
  const reasons = Object.fromEntries(verdicts.map(({ groupName, isTaken, reason }) => [groupName, [isTaken, reason]]));
  expect(reasons.Audience).toEqual([
    false,
    "used in a mailing in the past 90 days, but its last sync is held and waits for a decision",
  ]);
  expect(reasons.Excluded).toEqual([false, "used in a mailing in the past 90 days, but missing in netFORUM Pro"]);
  await discardHeldSync(own.ctx, held.id);
});

test("1.4 nightly joins the list sync and the group syncs that wait already", async () => {
  const world = await createAgedWorld();
  const { own, ctx, clock } = world;
  await use(world, (await own.group("Audience")).id, "audience", due.subtract({ hours: 24 }));
  const waiting = await own.request("Audience", { trigger: "resync" });
  clock.set(due);
  await startDueNightlies(ctx);
  const { verdicts } = await finish(own, await lastRun(own));
  expect(verdicts.find(({ groupName }) => groupName === "Audience")).toMatchObject({
    isTaken: true,
    state: "succeeded",
  });
  const syncs = await listSyncs(own.ctx, { groupId: (await own.group("Audience")).id, limit: 10 });
  expect(syncs).toHaveLength(waiting.sync.state === "queued" ? syncs.length : 0);
});

test("1.6 says why the next Nightly Sync will or won't take a group, and when that is", async () => {
  const world = await createAgedWorld();
  const { own } = world;
  const audience = await own.group("Audience");
  expect(await findNightlyVerdict(own.ctx, audience.id)).toMatchObject({ isTaken: false, nextAt: due });
  await use(world, audience.id, "audience", due.subtract({ hours: 24 }));
  expect(await findNightlyVerdict(own.ctx, audience.id)).toEqual(
    expect.objectContaining({ isTaken: true, reason: "used in a mailing in the past 90 days", nextAt: due }),
  );
  const compound = await createCompound(world, "Compound", [audience.id]);
  expect(await findNightlyVerdict(own.ctx, compound)).toMatchObject({ isTaken: false, nextAt: null });
  await configureBridge(own.ctx, { nightlyIsOn: false });
  expect(await findNightlyVerdict(own.ctx, audience.id)).toMatchObject({
    isTaken: false,
    reason: "the Nightly Sync is switched off",
  });
});

test("1.3 nightly can be asked what it would take at another time, and be run as of then", async () => {
  const world = await createAgedWorld();
  const { own } = world;
  await use(world, (await own.group("Audience")).id, "audience", due.subtract({ hours: 24 }));
  const takenAt = async (at: string) =>
    (await previewNightly(own.ctx, Temporal.Instant.from(at)))
      .filter((verdict) => verdict.isTaken)
      .map((verdict) => verdict.groupName);
  expect(await takenAt("2030-03-05T02:00:00Z")).toEqual(["Audience"]);
  expect(await takenAt("2030-03-01T02:00:00Z")).toEqual([]); // not used yet by then
  expect(await takenAt("2030-07-01T02:00:00Z")).toEqual([]);
  expect(await listSyncs(own.ctx, { triggers: ["nightly"], limit: 1 })).toEqual([]);
  const run = must(await startNightly(own.ctx, { at: Temporal.Instant.from("2030-03-06T02:00:00Z") }), "by hand");
  expect(run.causedBy).toBe("test");
  const { verdicts } = await finish(own, run);
  expect(verdicts.filter(({ isTaken }) => isTaken).map(({ groupName }) => groupName)).toEqual(["Audience"]);
});
