import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, InvalidInputError, must, NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { getFolder, refuseOtherVersion } from "./change-folder.ts";
import { getGroups } from "./change-groups.ts";
import {
  type Composition,
  type CompositionMistake,
  findMistake,
  isFound,
  mostLeaves,
  mostParts,
  type Rule,
  ruleOf,
} from "./compound.rules.ts";
import { lockCompounds, measureOverlap, type Overlap, replaceParts, selectCompositions } from "./compound-store.ts";
import { getTargetGroup } from "./get-target-group.ts";
import { membersOf } from "./members-of.ts";
import { insertOwnGroup, selectGroups, updateGroupName } from "./store.ts";
import type { FolderId, GroupId, TargetGroup } from "./target-group.ts";

/** What an editor of a compound group sends. */
export interface CompoundChange {
  readonly name: string;
  readonly composition: Composition;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
}

/**
 * Makes a compound group. (product 3.1)
 * @throws InvalidInputError when the composition can't be; NotFoundError when a part or the folder is not there
 */
export function createCompound(
  ctx: AccountContext,
  input: { readonly name: string; readonly folderId: FolderId | null; readonly composition: Composition },
): Promise<TargetGroup> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { name, folderId, composition } = input;
    if (folderId !== null) await getFolder(tx, ctx, folderId);
    await checkComposition(tx, ctx, composition, null);
    const id = newId<GroupId>();
    await insertOwnGroup(tx, ctx.accountId, { id, name, folderId, kind: "compound" }, ctx.clock.now());
    await replaceParts(tx, ctx.accountId, id, composition);
    await recordChange(tx, ctx, "target_group.compose", name, { id, ...composition });
    return getTargetGroup(tx, ctx, id);
  });
}

/**
 * Changes a compound group's name and lists.
 * @throws ConflictError when somebody changed it meanwhile, or when it is no compound group
 */
export function changeCompound(ctx: AccountContext, id: GroupId, change: CompoundChange): Promise<TargetGroup> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { name, composition } = change;
    await lockCompounds(tx, ctx.accountId);
    const group = must((await getGroups(tx, ctx, [id]))[0], "one was asked for");
    refuseOtherKind(group);
    refuseOtherVersion(group, change.version);
    await checkComposition(tx, ctx, composition, id);
    if (name !== group.name) await updateGroupName(tx, ctx.accountId, id, name);
    await replaceParts(tx, ctx.accountId, id, composition);
    await recordChange(tx, ctx, "target_group.compose", name, { id, before: group.name, ...composition });
    return getTargetGroup(tx, ctx, id);
  });
}

/** A composition with its groups and what it comes to. */
export interface MeasuredComposition {
  readonly composition: Composition;
  /** Include's groups, then Exclude's, each with how many members it has now. */
  readonly parts: readonly { readonly group: TargetGroup; readonly members: number }[];
  readonly members: Overlap["members"];
  /** The largest first; with many parts not all of them. */
  readonly regions: readonly Region[];
  readonly regionCount: number;
}

/** People who are in exactly these parts, by place, and whether that makes them members. */
export interface Region {
  readonly parts: readonly number[];
  readonly people: number;
  readonly isMember: boolean;
}

/** What a compound group is made of and comes to, computed now. @throws ConflictError when it is no compound group */
export function findComposition(ctx: AccountContext, id: GroupId): Promise<MeasuredComposition> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    refuseOtherKind(await getTargetGroup(tx, ctx, id));
    const compounds = await selectCompositions(tx, ctx.accountId, [id]);
    return measure(tx, ctx, must(compounds.get(id), "a compound group is made of something"));
  });
}

/** The same for one that is being composed. @param id the group that is changed; null for a new one */
export function measureComposition(
  ctx: AccountContext,
  composition: Composition,
  id: GroupId | null,
): Promise<MeasuredComposition> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await checkComposition(tx, ctx, composition, id);
    return measure(tx, ctx, composition);
  });
}

/** A group down to the groups with members of their own: what `membersOf` makes SQL of. */
export async function findRule(tx: Tx, ctx: AccountContext, id: GroupId): Promise<Rule> {
  return ruleOf(id, await selectCompositions(tx, ctx.accountId, [id]));
}

async function measure(tx: Tx, ctx: AccountContext, composition: Composition): Promise<MeasuredComposition> {
  const ids = [...composition.include.of, ...composition.exclude.of];
  const compounds = await selectCompositions(tx, ctx.accountId, ids);
  const found = await selectGroups(tx, ctx.accountId, ids);
  const overlap = await measureOverlap(
    tx,
    ctx.accountId,
    ids.map((id) => membersOf(ctx.accountId, ruleOf(id, compounds))),
    {
      include: { isAll: composition.include.isAll, mask: maskOf(0, composition.include.of.length) },
      exclude: {
        isAll: composition.exclude.isAll,
        mask: maskOf(composition.include.of.length, composition.exclude.of.length),
      },
    },
  );
  return {
    composition,
    parts: ids.map((id, at) => ({ group: must(found.get(id), "a part is a group"), members: overlap.sizes[at] ?? 0 })),
    members: overlap.members,
    regions: overlap.regions.map(({ mask, people }) => toRegion(composition, mask, people)),
    regionCount: overlap.regionCount,
  };
}

function toRegion({ include, exclude }: Composition, mask: number, people: number): Region {
  const has = [...include.of, ...exclude.of].map((_, at) => Math.floor(mask / 2 ** at) % 2 === 1);
  const [included, excluded] = [has.slice(0, include.of.length), has.slice(include.of.length)];
  return {
    parts: has.flatMap((isIn, at) => (isIn ? [at] : [])),
    people,
    isMember: isFound(include.isAll, included) && !isFound(exclude.isAll, excluded),
  };
}

/** The bits of so many parts in a row. */
function maskOf(first: number, parts: number): number {
  return (2 ** parts - 1) * 2 ** first;
}

function refuseOtherKind(group: TargetGroup): void {
  if (group.kind === "compound") return;
  throw new ConflictError("not_a_compound_group", `'${group.name}' is a ${group.kind} group: it isn't made of others.`);
}

const mistakes: Record<CompositionMistake, string> = {
  nothing_included: "has at least one group; Exclude alone finds nobody",
  too_many_parts: `has at most ${mostParts} groups on each list; put some into a compound group of their own`,
  on_both_lists: "has a group that is excluded too; take it off one of the lists",
  in_itself: "would contain the group itself, by way of a compound group on it",
  too_large: `comes down to more than ${mostLeaves} groups; use fewer compound groups that hold many`,
};

/** @throws InvalidInputError when the composition can't be; NotFoundError when one of its groups is not there */
async function checkComposition(
  tx: Tx,
  ctx: AccountContext,
  composition: Composition,
  id: GroupId | null,
): Promise<void> {
  const ids = [...composition.include.of, ...composition.exclude.of];
  const known = await selectGroups(tx, ctx.accountId, ids);
  const missing = ids.find((part) => (known.get(part)?.deletedAt ?? undefined) !== undefined || !known.has(part));
  if (missing !== undefined) throw new NotFoundError("target group", missing);
  const mistake = findMistake(composition, await selectCompositions(tx, ctx.accountId, ids), id);
  if (mistake) throw new InvalidInputError([{ path: "include", message: mistakes[mistake] }]);
}
