import { isFound } from "../target-groups/compound.rules.ts";
import type { WhyVerdict } from "./why.rules.ts";

/** One of a compound's lists as it looks to one person. */
export interface ListForPerson {
  readonly isAll: boolean;
  readonly groups: readonly { readonly name: string; readonly hasPerson: boolean }[];
}

const standings = {
  sendable: "gets its mailings",
  do_not_email: "is marked 'do not e-mail' in the AMS",
  unsubscribed: "is unsubscribed here",
  bad_email: "has an address from which mail came back",
} as const;

/** Why somebody is or isn't in a compound group, by the groups that decide it. (product 3.1) */
export function whyOfCompound(
  standing: keyof typeof standings,
  include: ListForPerson,
  exclude: ListForPerson,
): { readonly verdict: WhyVerdict; readonly sentence: string } {
  const names = (list: ListForPerson, hasPerson: boolean) =>
    someNames(list.groups.filter((group) => group.hasPerson === hasPerson).map(({ name }) => name));
  const finds = ({ isAll, groups }: ListForPerson) =>
    isFound(
      isAll,
      groups.map(({ hasPerson }) => hasPerson),
    );
  if (!finds(include)) {
    if (!include.isAll) return { verdict: "not_included", sentence: "Is in none of the included groups." };
    return {
      verdict: "not_included",
      sentence: `Is not in ${names(include, false)}, and Include takes only people in all of its groups.`,
    };
  }
  if (finds(exclude)) {
    return {
      verdict: "excluded",
      sentence: `Is in ${names(include, true)}, but taken out by Exclude: is in ${names(exclude, true)}.`,
    };
  }
  return {
    verdict: standing,
    sentence: `Is in the group by way of ${names(include, true)}, and ${standings[standing]}.`,
  };
}

const namesShown = 4;

/** "'Board', 'Gala' and 3 more". */
function someNames(names: readonly string[]): string {
  const quoted = names.slice(0, namesShown).map((name) => `'${name}'`);
  const more = names.length > namesShown ? [`${names.length - namesShown} more`] : [];
  const all = [...quoted, ...more];
  return all.length < 2 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
