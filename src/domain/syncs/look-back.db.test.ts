import { sql } from "kysely";
import { expect, test } from "vitest";
import { truthOf } from "../../../test/harness/truth.ts";
import { type Account, createWorld } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { searchSubscribers } from "../subscribers/find-subscribers.ts";
import type { MemberFilter } from "./history-store.ts";
import { listChanges, listGroupPeriods, listMembers } from "./look-back.ts";
import type { Sync } from "./sync.ts";

async function keysAt(
  account: Account,
  groupName: string,
  filter: Partial<MemberFilter> = {},
): Promise<readonly string[]> {
  const { id: groupId } = await account.group(groupName);
  const { members } = await listMembers(account.ctx, { groupId, limit: 1000, ...filter });
  return members.map(({ remoteId }) => remoteId ?? "").sort();
}

const truthKeys = (account: Account, groupName: string) =>
  truthOf(account.simulator, groupName).members.map((line) => line.split(" ")[0] ?? "");

/** Six syncs of a drifting group, with what the AMS said at each. */
async function createHistory() {
  const world = await createWorld({
    simulator: { jobs: [{ name: "Some", size: 120 }] },
    bridge: { guardPercent: 100 },
  });
  const { own } = world;
  await own.listSync();
  const steps: { readonly sync: Sync; readonly at: Temporal.Instant; readonly keys: readonly string[] }[] = [];
  for (let step = 0; step < 6; step += 1) {
    own.simulator.state.people.day += 60;
    const sync = await own.sync("Some");
    steps.push({ sync, at: must(sync.finishedAt, "it ended"), keys: truthKeys(own, "Some") });
    world.clock.advance({ hours: 1 });
  }
  return { ...world, steps };
}

test("1.8 shows who was in the group at any past moment", async () => {
  const { own, clock, steps } = await createHistory();
  expect(await keysAt(own, "Some", { at: must(steps[0], "six").at.subtract({ nanoseconds: 1000 }) })).toEqual([]);
  for (const { at, keys } of steps) {
    expect(await keysAt(own, "Some", { at })).toEqual(keys); // the sync's own moment is after it
    expect(await keysAt(own, "Some", { at: at.add({ minutes: 59 }) })).toEqual(keys);
  }
  expect(await keysAt(own, "Some")).toEqual(steps.at(-1)?.keys);
  expect(await keysAt(own, "Some", { at: clock.now() })).toEqual(steps.at(-1)?.keys);
});

test("1.8 shows who was added and removed by each sync, and that replays to the members now", async () => {
  const { own, steps } = await createHistory();
  const replayed = new Set<string>();
  let before: readonly string[] = [];
  for (const { sync, keys } of steps) {
    const changes = async (kind: "added" | "removed") =>
      (await listChanges(own.ctx, { syncId: sync.id, kind, limit: 1000 })).map(({ remoteId }) => remoteId ?? "").sort();
    const [added, removed] = [await changes("added"), await changes("removed")];
    expect(added).toEqual(keys.filter((key) => !before.includes(key)));
    expect(removed).toEqual(before.filter((key) => !keys.includes(key)));
    expect(sync).toMatchObject({ added: added.length, removed: removed.length, membersBefore: before.length });
    for (const key of added) replayed.add(key);
    for (const key of removed) replayed.delete(key);
    before = keys;
  }
  expect(steps.slice(1).every(({ sync }) => sync.added > 0 && sync.removed > 0)).toBe(true);
  expect([...replayed].sort()).toEqual(await keysAt(own, "Some"));
});

test("1.8 shows one person's groups, since when and by which sync", async () => {
  const { own, clock } = await createWorld();
  await own.listSync();
  const first = await own.sync("Everybody");
  const [person] = await searchSubscribers(own.ctx, "p100.", 1);
  const id = must(person, "person 100 has an address").id;
  own.changePerson(100, { cst_eml_address_dn: "" });
  const left = await own.sync("Everybody");
  own.simulator.state.people.changed.clear();
  clock.advance({ hours: 5 });
  const back = await own.sync("Everybody");
  const { groups: periods } = await listGroupPeriods(own.ctx, id);
  expect(periods.map(({ groupName, addedBy, removedBy }) => [groupName, addedBy, removedBy])).toEqual([
    ["Everybody", back.id, null],
    ["Everybody", first.id, left.id],
  ]);
  expect(periods[1]).toMatchObject({ addedAt: first.finishedAt, removedAt: left.finishedAt });
});

test("1.8 pages through members without losing or repeating one", async () => {
  const { own } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const { id: groupId } = await own.group("Everybody");
  const seen: number[] = [];
  for (;;) {
    const page = await listMembers(own.ctx, { groupId, limit: 25, after: seen.at(-1) });
    seen.push(...page.members.map(({ subscriberId }) => subscriberId));
    if (page.next === null) break;
  }
  expect(seen).toHaveLength(288);
  expect(new Set(seen).size).toBe(288);
});

test("1.8 finds members by the beginning of an address, by a whole remote ID, and by how they stand", async () => {
  const { own } = await createWorld();
  await own.listSync();
  own.changePerson(3, { cst_eml_address_dn: "100%_sure@example.org" });
  await own.sync("Everybody");
  const [key = ""] = await keysAt(own, "Everybody", { search: "100%_" });
  expect(await keysAt(own, "Everybody", { search: key })).toEqual([key]);
  expect(await keysAt(own, "Everybody", { search: "100%x" })).toEqual([]);
  expect(await keysAt(own, "Everybody", { search: "%" })).toEqual([]);
  const { counts } = await own.group("Everybody");
  expect(await keysAt(own, "Everybody", { standing: "do_not_email" })).toHaveLength(counts.doNotEmail);
  expect(await keysAt(own, "Everybody", { standing: "sendable" })).toHaveLength(counts.sendable);
});

test("1.8 a sync that failed, was cancelled or was a dry run left nothing in the history", async () => {
  const { own, query } = await createWorld({ connector: { retries: 0 } });
  await own.listSync();
  await own.sync("Board");
  own.simulator.state.people.day += 90;
  own.strike("truncate", { operation: "GetQuery", afterBytes: 3000 });
  expect(await own.sync("Board")).toMatchObject({ state: "failed" });
  own.heal();
  expect(await own.sync("Board", { dryRun: true })).toMatchObject({ state: "succeeded" });
  const traces = await query(sql<{ count: number }>`select count(*) as count from sync s
    join membership m on s.id in (m.added_by, m.removed_by) where s.state <> 'succeeded' or s.is_dry_run`);
  expect(traces).toEqual([{ count: 0 }]);
});
