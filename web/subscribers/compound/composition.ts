import type { Schema } from "../../api/client.ts";

export type Measured = Schema<"Composition">;

/** A group as a list shows it. */
export interface Part {
  readonly id: string;
  readonly name: string;
}

/** One of the two lists as it is edited. */
export interface PartList {
  readonly isAll: boolean;
  readonly parts: readonly Part[];
}

export interface Lists {
  readonly include: PartList;
  readonly exclude: PartList;
}

export const noLists: Lists = {
  include: { isAll: false, parts: [] },
  exclude: { isAll: false, parts: [] },
};

/** What the API takes. */
export const toBody = ({ include, exclude }: Lists) => ({
  include: { isAll: include.isAll, of: include.parts.map(({ id }) => id) },
  exclude: { isAll: exclude.isAll, of: exclude.parts.map(({ id }) => id) },
});

/** What the API gave, to be edited or read out. */
export function toLists({ include, exclude, parts }: Measured): Lists {
  const first = include.of.length;
  return {
    include: { isAll: include.isAll, parts: parts.slice(0, first) },
    exclude: { isAll: exclude.isAll, parts: parts.slice(first) },
  };
}

/** A letter for each part, under which the picture shows it: A to Z, then A2, B2 … */
export function letterOf(place: number): string {
  const round = Math.floor(place / 26);
  return String.fromCharCode(65 + (place % 26)) + (round === 0 ? "" : String(round + 1));
}

/** The rule in words: "Everybody in Board or Gala, but not who is in Staff." */
export function sentenceOf({ include, exclude }: Lists, locale: string): string {
  if (include.parts.length === 0) return "Nobody yet: include a group.";
  const words = ({ isAll, parts }: PartList) =>
    new Intl.ListFormat(locale.startsWith("en") ? locale : "en", {
      type: isAll ? "conjunction" : "disjunction",
    }).format(parts.map(({ name }) => `“${name}”`));
  const found = `Everybody who is in ${include.isAll && include.parts.length > 1 ? "all of " : ""}${words(include)}`;
  if (exclude.parts.length === 0) return `${found}.`;
  return `${found}, but not who is in ${exclude.isAll && exclude.parts.length > 1 ? "all of " : ""}${words(exclude)}.`;
}
