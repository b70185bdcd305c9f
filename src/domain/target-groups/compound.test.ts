import { expect, test } from "vitest";
import { type Composition, findMistake, isFound, mostLeaves, mostParts } from "./compound.rules.ts";
import type { GroupId } from "./target-group.ts";

const ids = (...names: string[]) => names as unknown as GroupId[];
const made = (include: string[], exclude: string[] = []): Composition => ({
  include: { isAll: false, of: ids(...include) },
  exclude: { isAll: false, of: ids(...exclude) },
});
const compounds = (given: Record<string, Composition>) => new Map(Object.entries(given)) as Map<GroupId, Composition>;
const many = (count: number) => Array.from({ length: count }, (_, at) => `group ${at}`);

test("3.1 a composition includes something, and no group stands on both lists", () => {
  expect(findMistake(made(["a"], ["b"]), new Map(), null)).toBeNull();
  expect(findMistake(made([], ["b"]), new Map(), null)).toBe("nothing_included");
  expect(findMistake(made(["a"], ["b", "a"]), new Map(), null)).toBe("on_both_lists");
});

test("3.1 no cycles, by whichever list and however deep", () => {
  const [own] = ids("own");
  expect(findMistake(made(["own"]), new Map(), own ?? null)).toBe("in_itself");
  const deep = compounds({ a: made(["b"]), b: made(["x"], ["own"]) });
  expect(findMistake(made(["a"]), deep, own ?? null)).toBe("in_itself");
  expect(findMistake(made(["a"]), deep, null)).toBeNull();
  expect(findMistake(made(["a", "b"]), compounds({ a: made(["b"]), b: made(["x"]) }), own ?? null)).toBeNull();
});

test("3.1 a list, and all that it comes down to, stay within bounds", () => {
  expect(findMistake(made(many(mostParts)), new Map(), null)).toBeNull();
  expect(findMistake(made(many(mostParts + 1)), new Map(), null)).toBe("too_many_parts");
  const wide = compounds({
    wide: made(many(mostParts)),
    wider: made(Array(8).fill("wide")),
    widest: made(["wider", "x"]),
  });
  expect(mostParts * 8).toBe(mostLeaves);
  expect(findMistake(made(["wider"]), wide, null)).toBeNull();
  expect(findMistake(made(["widest"]), wide, null)).toBe("too_large");
});

test("3.1 in all of, in one or more of; an empty list finds nobody", () => {
  expect([isFound(true, [true, true]), isFound(true, [true, false]), isFound(true, [])]).toEqual([true, false, false]);
  expect([isFound(false, [false, true]), isFound(false, [false]), isFound(false, [])]).toEqual([true, false, false]);
});
