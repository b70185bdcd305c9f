import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys } from "../../../simulator/guid.ts";
import { KeyOrder } from "./key-order.ts";
import { zeroGuid } from "./mapping.ts";

const guid = fc.uuid();

function takeAll(keys: readonly string[], after = zeroGuid): void {
  const order = new KeyOrder(after);
  for (const key of keys) order.take(key);
}

test("1.2 keys in SQL Server's order and keys in the order of text are in order, from the start or behind any of them", () => {
  fc.assert(
    fc.property(fc.array(guid), fc.nat(), (keys, from) => {
      for (const sorted of [keys.toSorted(compareKeys), keys.toSorted()]) {
        takeAll(sorted);
        const at = from % (sorted.length + 1);
        takeAll(sorted.slice(at), sorted[at - 1] ?? zeroGuid);
      }
    }),
  );
});

test("1.2 keys that are in neither order are refused", () => {
  fc.assert(
    fc.property(fc.array(guid), (keys) => {
      const asText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
      const isSorted = [compareKeys, asText].some((compare) => {
        const sorted = keys.toSorted(compare);
        return keys.every((key, at) => key === sorted[at]);
      });
      if (isSorted) takeAll(keys);
      else expect(() => takeAll(keys)).toThrow(expect.objectContaining({ kind: "incomplete" }));
    }),
  );
});

test("1.2 keys that differ in their first groups alone are compared by these as SQL Server stores them", () => {
  const end = "-4000-8000-000000000001";
  takeAll([`00000001-0000${end}`, `01000000-0000${end}`, `00000000-0001${end}`].toSorted(compareKeys));
  const mixed = [`02000000-0000${end}`, `00000001-0000${end}`, `01000000-0000${end}`];
  expect(() => takeAll(mixed)).toThrow(expect.objectContaining({ kind: "incomplete" }));
});

test("1.2 rows without a key and rows that come twice are in nobody's way", () => {
  const key = "0a1b2c3d-0000-4000-8000-000000000001";
  takeAll(["", key, key, "' OR '1'='1", key]);
});
