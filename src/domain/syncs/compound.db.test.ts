import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import {
  changeCompound,
  createCompound,
  findComposition,
  findRule,
  measureComposition,
} from "../target-groups/compose-group.ts";
import type { Composition, Rule } from "../target-groups/compound.rules.ts";
import { inAnyOf } from "../target-groups/members-of.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { deleteGroups, undeleteGroups } from "./delete-groups.ts";
import { exportMembers } from "./export-group.ts";
import { listMembers } from "./look-back.ts";
import { findWhy, searchWhy } from "./why.ts";

const jobs = [
  { name: "Everybody", size: 300 },
  { name: "Board", size: 60 },
  { name: "Guests", size: 90 },
  { name: "Nobody", size: 0 },
];
type Name = "Everybody" | "Board" | "Guests" | "Nobody";

async function createSynced(): Promise<{ world: World; ids: Record<Name, GroupId> }> {
  const world = await createWorld({ simulator: { members: 300, jobs } });
  await world.own.listSync();
  const ids = {} as Record<Name, GroupId>;
  for (const { name } of jobs) {
    await world.own.sync(name);
    ids[name as Name] = (await world.own.group(name)).id;
  }
  return { world, ids };
}

const lists = (
  include: GroupId[],
  exclude: GroupId[] = [],
  allOf = { include: false, exclude: false },
): Composition => ({
  include: { isAll: allOf.include, of: include },
  exclude: { isAll: allOf.exclude, of: exclude },
});

const compose = async (world: World, name: string, composition: Composition) =>
  (await createCompound(world.own.ctx, { name, folderId: null, composition })).id;

/** Everybody in a group, page by page. */
async function everybodyIn(world: World, groupId: GroupId, limit = 200): Promise<readonly number[]> {
  const found: number[] = [];
  for (let after: number | undefined; ; ) {
    const { members, next } = await listMembers(world.own.ctx, { groupId, limit, after });
    found.push(...members.map(({ subscriberId }) => subscriberId));
    if (next === null) return found;
    after = next;
  }
}

/** Everybody in any of these groups, as an audience is made of them. */
function inAny(world: World, groups: readonly GroupId[]): Promise<readonly number[]> {
  const { ctx } = world.own;
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const rules: Rule[] = [];
    for (const id of groups) rules.push(await findRule(tx, ctx, id));
    const { rows } = await sql<{ id: number }>`select id from subscriber
      where id in (${inAnyOf(ctx.accountId, rules)}) order by id`.execute(tx);
    return rows.map(({ id }) => id);
  });
}

test("3.1 members are include minus exclude, whichever way they are asked for: count, pages, export, compounds of compounds", async () => {
  const { world, ids } = await createSynced();
  const sets = new Map<GroupId, ReadonlySet<number>>();
  for (const id of Object.values(ids)) sets.set(id, new Set(await everybodyIn(world, id)));
  // A person who is a duplicate in one group may be a member of another: nobody is in all of them.
  const everybody = new Set([...sets.values()].flatMap((set) => [...set]));
  const inner = lists([ids.Board, ids.Guests], [], { include: true, exclude: false });
  const innerId = await compose(world, "Inner", inner);
  const among = (composition: Composition): ReadonlySet<number> => {
    const has = (isAll: boolean, of: readonly GroupId[], person: number) =>
      of.length > 0 && of[isAll ? "every" : "some"]((id) => sets.get(id)?.has(person));
    const { include, exclude } = composition;
    return new Set(
      [...everybody].filter(
        (person) => has(include.isAll, include.of, person) && !has(exclude.isAll, exclude.of, person),
      ),
    );
  };
  sets.set(innerId, among(inner));
  const outer = await compose(world, "Outer", lists([ids.Everybody]));
  const part = fc.constantFrom(...Object.values(ids), innerId);
  const composition = fc
    .record({
      include: fc.uniqueArray(part, { minLength: 1 }),
      exclude: fc.uniqueArray(part),
      inAll: fc.boolean(),
      exAll: fc.boolean(),
    })
    .map(({ include, exclude, inAll, exAll }) =>
      lists(
        include,
        exclude.filter((id) => !include.includes(id)),
        { include: inAll, exclude: exAll },
      ),
    );
  await fc.assert(
    fc.asyncProperty(composition, async (made) => {
      await changeCompound(world.own.ctx, outer, { name: "Outer", composition: made });
      const expected = [...among(made)].sort((left, right) => left - right);
      expect(await everybodyIn(world, outer, 7)).toEqual(expected);
      const { members, parts, regions } = await findComposition(world.own.ctx, outer);
      expect(members.sendable + members.badEmail + members.doNotEmail + members.unsubscribed).toBe(expected.length);
      expect(parts.map((one) => one.members)).toEqual(parts.map(({ group }) => sets.get(group.id)?.size));
      const ofMembers = regions.filter(({ isMember }) => isMember).map(({ people }) => people);
      expect(ofMembers.reduce((sum, people) => sum + people, 0)).toBe(expected.length);
      let exported = 0;
      for await (const _ of (await exportMembers(world.own.ctx, outer)).rows) exported += 1;
      expect(exported).toBe(expected.length);
      const withGuests = new Set([...expected, ...(sets.get(ids.Guests) ?? [])]);
      expect(await inAny(world, [outer, ids.Guests])).toEqual([...withGuests].sort((left, right) => left - right));
    }),
    { numRuns: 25 },
  );
});

test("3.1 two people can't make two compounds contain each other, whichever door they come by", async () => {
  const { world, ids } = await createSynced();
  const first = await compose(world, "First", lists([ids.Board]));
  const second = await compose(world, "Second", lists([ids.Guests]));
  const both = [
    changeCompound(world.own.ctx, first, { name: "First", composition: lists([second]) }),
    changeCompound(world.own.ctx, second, { name: "Second", composition: lists([first]) }),
  ];
  const outcomes = (await Promise.allSettled(both)).map(({ status }) => status);
  expect(outcomes.sort()).toEqual(["fulfilled", "rejected"]);
  const { accountId } = world.own.ctx;
  const third = await compose(world, "Third", lists([first, second]));
  await expect(
    world.query(sql`insert into compound_part (account_id, compound_id, part_id, side)
      select ${accountId}, unnest(${[first, second]}::uuid[]), ${third}, 'exclude'`),
  ).rejects.toThrow(/would contain itself/);
});

test("3.2 a part can't be deleted alone, and a compound comes back with its parts", async () => {
  const { world, ids } = await createSynced();
  const { ctx } = world.own;
  const compound = await compose(world, "Both", lists([ids.Board], [ids.Guests]));
  await expect(deleteGroups(ctx, [ids.Guests])).rejects.toMatchObject({ code: "group_in_use" });
  await deleteGroups(ctx, [compound, ids.Guests]);
  await expect(undeleteGroups(ctx, [compound])).rejects.toMatchObject({ code: "part_deleted" });
  await expect(compose(world, "Again", lists([ids.Guests]))).rejects.toMatchObject({ code: "not_found" });
  await undeleteGroups(ctx, [compound, ids.Guests]);
  expect(await findComposition(ctx, compound)).toMatchObject({ members: { sendable: expect.any(Number) } });
});

test("3.1 an editor who saw an older version is told; another account's groups are not there", async () => {
  const { world, ids } = await createSynced();
  const { ctx } = world.own;
  const { id, version } = await createCompound(ctx, { name: "One", folderId: null, composition: lists([ids.Board]) });
  await changeCompound(ctx, id, { name: "Two", composition: lists([ids.Guests]), version });
  await expect(
    changeCompound(ctx, id, { name: "Three", composition: lists([ids.Board]), version }),
  ).rejects.toMatchObject({ code: "edited_meanwhile" });
  const other = await world.addAccount();
  await other.listSync();
  const theirs = (await other.group("Board")).id;
  await expect(measureComposition(ctx, lists([theirs]), null)).rejects.toMatchObject({ code: "not_found" });
  await expect(findComposition(other.ctx, id)).rejects.toMatchObject({ code: "not_found" });
});

test("1.6 why somebody is or isn't in a compound names the groups that decide it", async () => {
  const { world, ids } = await createSynced();
  const { ctx } = world.own;
  const compound = await compose(world, "Both", lists([ids.Everybody], [ids.Board]));
  const [boardMember] = await everybodyIn(world, ids.Board);
  expect(await findWhy(ctx, compound, must(boardMember, "the board has members"))).toMatchObject({
    verdict: "excluded",
    sentence: "Is in 'Everybody', but taken out by Exclude: is in 'Board'.",
  });
  const strict = await compose(
    world,
    "Strict",
    lists([ids.Everybody, ids.Nobody], [], { include: true, exclude: false }),
  );
  expect(await findWhy(ctx, strict, must(boardMember, "the board has members"))).toMatchObject({
    verdict: "not_included",
    sentence: "Is not in 'Nobody', and Include takes only people in all of its groups.",
  });
  const { people } = await searchWhy(ctx, compound, "p1");
  expect(people.length).toBeGreaterThan(0);
});

test("1.8 members of a compound are found by words; a past moment is refused with the reason", async () => {
  const { world, ids } = await createSynced();
  const { ctx } = world.own;
  const compound = await compose(world, "Both", lists([ids.Everybody, ids.Board], [ids.Guests]));
  const { members } = await listMembers(ctx, { groupId: compound, limit: 200, search: "p1" });
  const guests = new Set(await everybodyIn(world, ids.Guests));
  const found = await Promise.all(
    [ids.Everybody, ids.Board].map((groupId) => listMembers(ctx, { groupId, limit: 200, search: "p1" })),
  );
  const either = new Set(found.flatMap((page) => page.members.map(({ subscriberId }) => subscriberId)));
  expect(members.map(({ subscriberId }) => subscriberId)).toEqual(
    [...either].filter((id) => !guests.has(id)).sort((left, right) => left - right),
  );
  expect(members.length).toBeGreaterThan(3);
  await expect(listMembers(ctx, { groupId: compound, limit: 5, at: ctx.clock.now() })).rejects.toMatchObject({
    code: "invalid_input",
  });
});
