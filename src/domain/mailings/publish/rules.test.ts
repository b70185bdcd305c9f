import { expect, test } from "vitest";
import { type Baseline, growthToConfirm, hasGrown } from "./growth.rules.ts";
import { type GroupStanding, isTooLate, judgeRound, nextTryAt } from "./publish.rules.ts";

const noon = Temporal.Instant.from("2030-03-04T12:00:00Z");

test.each([
  [1000, 1500, false],
  [1000, 1501, true],
  [1002, 1503, false],
  [2000, 3000, false],
  [2000, 3001, true],
  [0, 500, false],
  [0, 501, true],
  [10, 510, false],
  [10, 511, true],
  [5000, 100, false],
])("1.5 growth from %i to %i people asks: %s", (before, now, asks) => expect(hasGrown(now, before)).toBe(asks));

test("1.5 a growth that was confirmed isn't asked about again, until the audience outgrows the yes", () => {
  const last: Baseline = { people: 1000, now: 2000, source: "last_publish" };
  expect(growthToConfirm([last], 2000, null)).toBe(last);
  expect(growthToConfirm([last], 2000, 2000)).toBeNull();
  expect(growthToConfirm([{ ...last, now: 3000 }], 3000, 2000)).toBeNull();
  expect(growthToConfirm([{ ...last, now: 3001 }], 3001, 2000)).toEqual({ ...last, now: 3001 });
  expect(growthToConfirm([], 9000, null)).toBeNull();
});

test("4.2 more than 60 minutes late asks; exactly 60 doesn't", () => {
  expect(isTooLate(noon, noon.add({ minutes: 60 }))).toBe(false);
  expect(isTooLate(noon, noon.add({ minutes: 60, milliseconds: 1 }))).toBe(true);
});

test("4.3 tries: 15 and 30 minutes after the first failure, then a person decides", () => {
  const at15 = noon.add({ minutes: 15 });
  expect(nextTryAt(1, null, noon)).toEqual(at15);
  expect(nextTryAt(2, at15, at15.add({ minutes: 2 }))).toEqual(noon.add({ minutes: 30 }));
  expect(nextTryAt(3, noon.add({ minutes: 30 }), noon.add({ minutes: 31 }))).toBeNull();
});

test("4.3 a try that took longer than 15 minutes is followed by the next at once", () => {
  const late = noon.add({ minutes: 50 });
  expect(nextTryAt(2, noon.add({ minutes: 15 }), late)).toEqual(late);
});

const group = (state: GroupStanding["state"], groupName = "Board"): GroupStanding => ({
  groupName,
  state,
  reason: "why",
});

test("1.5 a held sync stops a round at once; a failed one only when all others have ended", () => {
  expect(judgeRound([])).toEqual({ verdict: "fresh" });
  expect(judgeRound([group("fresh"), group("fresh")])).toEqual({ verdict: "fresh" });
  expect(judgeRound([group("fresh"), group("not_asked")])).toEqual({ verdict: "ask" });
  expect(judgeRound([group("failed"), group("open")])).toEqual({ verdict: "wait" });
  expect(judgeRound([group("open"), group("held")])).toEqual({ verdict: "held", message: "'Board': why" });
  expect(judgeRound([group("fresh"), group("failed")])).toEqual({ verdict: "failed", message: "'Board': why" });
});

test("4.3 of many groups that failed three are named", () => {
  const failed = ["A", "B", "C", "D", "E"].map((name) => group("failed", name));
  expect(judgeRound(failed)).toMatchObject({ message: "'A': why · 'B': why · 'C': why · and 2 more" });
});
