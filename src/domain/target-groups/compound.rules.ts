import type { GroupId } from "./target-group.ts";

/** One list of a compound group: in all of these groups, or in one or more of them. (product 3.1) */
export interface PartList {
  readonly isAll: boolean;
  readonly of: readonly GroupId[];
}

/** What a compound group is made of: members are whom Include finds, minus whom Exclude finds. (product 3.1) */
export interface Composition {
  readonly include: PartList;
  readonly exclude: PartList;
}

/** A group down to the groups that have members of their own. */
export type Rule =
  | { readonly kind: "members"; readonly id: GroupId }
  | { readonly kind: "compound"; readonly include: RuleList; readonly exclude: RuleList };

export interface RuleList {
  readonly isAll: boolean;
  readonly of: readonly Rule[];
}

/** More on one list than this helps nobody read it; a bit for each part of both fits a number. */
export const mostParts = 25;
/** Groups with members of their own that one compound may come down to, each counted as often as it stands there. */
export const mostLeaves = 200;

/** Why a composition can't be, or null when it can. */
export type CompositionMistake = "nothing_included" | "too_many_parts" | "on_both_lists" | "in_itself" | "too_large";

/**
 * Whether a composition can be a compound group's.
 * @param compounds what the account's other compounds are made of, as far as they are reached from here
 * @param id null for a group that isn't there yet
 */
export function findMistake(
  composition: Composition,
  compounds: ReadonlyMap<GroupId, Composition>,
  id: GroupId | null,
): CompositionMistake | null {
  const { include, exclude } = composition;
  if (include.of.length === 0) return "nothing_included";
  if (include.of.length > mostParts || exclude.of.length > mostParts) return "too_many_parts";
  if (include.of.some((part) => exclude.of.includes(part))) return "on_both_lists";
  const leaves = countLeaves(composition, compounds, id, []);
  if (leaves === null) return "in_itself";
  return leaves > mostLeaves ? "too_large" : null;
}

/** Null when a group would come down to itself. Stops counting behind the most there may be. */
function countLeaves(
  { include, exclude }: Composition,
  compounds: ReadonlyMap<GroupId, Composition>,
  id: GroupId | null,
  above: readonly GroupId[],
): number | null {
  const path = id === null ? above : [...above, id];
  let leaves = 0;
  for (const part of [...include.of, ...exclude.of]) {
    if (path.includes(part)) return null;
    const inner = compounds.get(part);
    const own = inner ? countLeaves(inner, compounds, part, path) : 1;
    if (own === null) return null;
    leaves += own;
    if (leaves > mostLeaves) return leaves;
  }
  return leaves;
}

/** Whether a list finds somebody. An empty one finds nobody. @param has whether the person is in each of its groups */
export function isFound(isAll: boolean, has: readonly boolean[]): boolean {
  if (has.length === 0) return false;
  return isAll ? !has.includes(false) : has.includes(true);
}

/** The group as a rule over groups with members of their own. */
export function ruleOf(id: GroupId, compounds: ReadonlyMap<GroupId, Composition>): Rule {
  const composition = compounds.get(id);
  return composition ? ruleOfComposition(composition, compounds) : { kind: "members", id };
}

export function ruleOfComposition(
  { include, exclude }: Composition,
  compounds: ReadonlyMap<GroupId, Composition>,
): Rule & { kind: "compound" } {
  const list = ({ isAll, of }: PartList): RuleList => ({ isAll, of: of.map((part) => ruleOf(part, compounds)) });
  return { kind: "compound", include: list(include), exclude: list(exclude) };
}
