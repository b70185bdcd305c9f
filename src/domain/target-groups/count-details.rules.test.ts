import fc from "fast-check";
import { expect, test } from "vitest";
import { addsUp, type Counts, countDetails, distinctValid } from "./count-details.rules.ts";

const people = fc.nat(10_000_000);
const parts = fc.record({
  unusable: people,
  withoutAddress: people,
  malformedAddress: people,
  duplicate: people,
  doNotEmail: people,
  unsubscribed: people,
  badEmail: people,
  sendable: people,
});
/** Counts whose total is the sum of their parts. */
const counts = parts.map((part): Counts => ({ ...part, totalRecords: Object.values(part).reduce((a, b) => a + b) }));
const partNames = [
  "unusable",
  "withoutAddress",
  "malformedAddress",
  "duplicate",
  "doNotEmail",
  "unsubscribed",
  "badEmail",
  "sendable",
] as const;

test("1.6 the chain adds up when every record is in exactly one of its parts", () => {
  fc.assert(fc.property(counts, addsUp));
});

test("1.6 the chain does not add up as soon as any one number is off, by one or by more", () => {
  const name = fc.constantFrom<keyof Counts>("totalRecords", ...partNames);
  const off = fc.integer({ min: -1000, max: 1000 }).filter((by) => by !== 0);
  fc.assert(
    fc.property(counts, name, off, (whole, which, by) => {
      expect(addsUp({ ...whole, [which]: whole[which] + by })).toBe(false);
    }),
  );
});

test("1.6 the chain as shown goes down from the total to what each 'equals' says", () => {
  fc.assert(
    fc.property(counts, (whole) => {
      let left = 0;
      for (const { sign, people } of countDetails(whole, "netFORUM Pro")) {
        if (sign === "equals") expect(people).toBe(left);
        left = sign === "minus" ? left - people : people;
      }
      expect(left).toBe(whole.sendable);
    }),
  );
});

test("1.6 the chain shows unusable rows only where there are any", () => {
  const shown = (unusable: number) => {
    const rest = { withoutAddress: 0, malformedAddress: 0, duplicate: 0, doNotEmail: 0, unsubscribed: 0, badEmail: 0 };
    const steps = countDetails({ ...rest, unusable, totalRecords: unusable, sendable: 0 }, "netFORUM Pro");
    return steps.map(({ step }) => step).includes("unusable");
  };
  expect([shown(0), shown(1)]).toEqual([false, true]);
});

test("1.6 the chain of the reference example reads as the product's words", () => {
  const example: Counts = {
    totalRecords: 1000,
    unusable: 0,
    withoutAddress: 40,
    malformedAddress: 7,
    duplicate: 13,
    doNotEmail: 100,
    unsubscribed: 20,
    badEmail: 5,
    sendable: 815,
  };
  expect(distinctValid(example)).toBe(940);
  expect(countDetails(example, "netFORUM Pro").map(({ people, label }) => `${people} ${label}`)).toEqual([
    "1000 total records from netFORUM Pro",
    "40 without e-mail address",
    "7 malformed address",
    "13 duplicate",
    "940 distinct and valid e-mail addresses",
    "100 do not e-mail (netFORUM Pro)",
    "20 unsubscribed here",
    "5 bad e-mail",
    "815 sendable",
  ]);
});
