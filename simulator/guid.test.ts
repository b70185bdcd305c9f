import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys, indexAfter, indexOf, keyOf } from "./guid.ts";

/** Sixteen keys as SQL Server sorts them, one byte of each set: the order that its documentation and its users report. */
const sorted = [
  "01000000-0000-0000-0000-000000000000",
  "00010000-0000-0000-0000-000000000000",
  "00000100-0000-0000-0000-000000000000",
  "00000001-0000-0000-0000-000000000000",
  "00000000-0100-0000-0000-000000000000",
  "00000000-0001-0000-0000-000000000000",
  "00000000-0000-0100-0000-000000000000",
  "00000000-0000-0001-0000-000000000000",
  "00000000-0000-0000-0001-000000000000",
  "00000000-0000-0000-0100-000000000000",
  "00000000-0000-0000-0000-000000000001",
  "00000000-0000-0000-0000-000000000100",
  "00000000-0000-0000-0000-000000010000",
  "00000000-0000-0000-0000-000001000000",
  "00000000-0000-0000-0000-000100000000",
  "00000000-0000-0000-0000-010000000000",
];

const hex = (length: number) =>
  fc
    .array(fc.nat(15), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(""));
const guid = (tail: fc.Arbitrary<string>) =>
  fc.tuple(hex(8), hex(4), hex(4), hex(4), tail).map((groups) => groups.join("-"));
const index = fc.nat(2_000_000);
const seed = fc.nat(100_000);

test("key order is SQL Server's, byte by byte", () => {
  const shuffled = [...sorted].sort(); // as text: another order
  expect(shuffled).not.toEqual(sorted);
  expect(shuffled.sort(compareKeys)).toEqual(sorted);
});

test("key order is SQL Server's for the two keys of its makers' example", () => {
  const [left, right] = ["55666BEE-B3A0-4BF5-81A7-86FF976E763F", "8DD5BCA5-6ABE-4F73-B4B7-393AE6BBB849"];
  expect(compareKeys(left, right)).toBeGreaterThan(0);
  expect(compareKeys(right, left)).toBeLessThan(0);
  expect(compareKeys(left, `{${left.toLowerCase()}}`)).toBe(0);
});

test("key order is that of the stored bytes taken last group first", () => {
  // Told apart from compareKeys: the bytes as .NET's ToByteArray gives them, and SqlGuid's table of places.
  const places = [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3];
  const stored = (key: string) => {
    const bytes = Buffer.from(key.replaceAll("-", ""), "hex");
    bytes.subarray(0, 4).reverse();
    bytes.subarray(4, 6).reverse();
    bytes.subarray(6, 8).reverse();
    return Buffer.from(places.map((place) => bytes[place] ?? 0));
  };
  // Few values and equal ends, so that each of the other groups gets to decide.
  const group = (bytes: number) =>
    fc.array(fc.constantFrom("00", "01", "ff"), { minLength: bytes, maxLength: bytes }).map((pairs) => pairs.join(""));
  const end = fc.constantFrom("8000-000000000001", "8000-000000000002", "8100-000000000001");
  const key = fc
    .tuple(group(4), group(2), fc.oneof(group(2), fc.constant("4000")), end)
    .map((parts) => parts.join("-"));
  fc.assert(
    fc.property(key, key, (left, right) => {
      expect(Math.sign(compareKeys(left, right))).toBe(Buffer.compare(stored(left), stored(right)));
    }),
    { numRuns: 500 },
  );
});

test("keys are GUIDs that rise with the index", () => {
  fc.assert(
    fc.property(index, index, seed, (left, right, seed) => {
      expect(keyOf(left, seed)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Math.sign(compareKeys(keyOf(left, seed), keyOf(right, seed)))).toBe(Math.sign(left - right));
    }),
  );
});

test("keys look random in front: neighbours share no first group", () => {
  const heads = new Set(Array.from({ length: 1000 }, (_, at) => keyOf(at, 1).slice(0, 8)));
  expect(heads.size).toBe(1000);
});

test("a key leads back to its index, in any spelling, and only with its own seed", () => {
  fc.assert(
    fc.property(index, seed, (at, seed) => {
      const key = keyOf(at, seed);
      expect(indexOf(key, seed)).toBe(at);
      expect(indexOf(`{${key.toUpperCase()}}`, seed)).toBe(at);
      expect(indexOf(key, seed + 1)).toBe(-1);
    }),
  );
  for (const nonsense of ["", "x", "' OR '1'='1", "00000000-0000-0000-0000-000000000000"])
    expect(indexOf(nonsense, 1)).toBe(-1);
});

test("a cursor goes on behind the key it holds", () => {
  fc.assert(
    fc.property(index, seed, (at, seed) => {
      expect(indexAfter(keyOf(at, seed), seed)).toBe(at + 1);
      expect(indexAfter(`{${keyOf(at, seed).toUpperCase()}}`, seed)).toBe(at + 1);
    }),
  );
  expect(indexAfter("00000000-0000-0000-0000-000000000000", 1)).toBe(0);
});

test("a cursor that is nobody's key goes on at the first key after it", () => {
  const ownTail = fc.tuple(index, seed).map(([at, seed]) => keyOf(at, seed).slice(24));
  const anyTail = fc.nat(4099 * 400_000).map((tail) => tail.toString(16).padStart(12, "0"));
  fc.assert(
    fc.property(guid(fc.oneof(ownTail, anyTail)), seed, (cursor, seed) => {
      const next = indexAfter(cursor, seed);
      expect(compareKeys(keyOf(next, seed), cursor)).toBeGreaterThan(0);
      if (next > 0) expect(compareKeys(keyOf(next - 1, seed), cursor)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 500 },
  );
});
