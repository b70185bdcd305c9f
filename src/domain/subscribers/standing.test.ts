import { expect, test } from "vitest";
import { type FlagKnown, judgeFlag, liftOf, owedTo, standingOf } from "./standing.rules.ts";

test("2.4 the AMS's own no comes first; a flag that we set says no only where nothing else does", () => {
  const nothing = { flag: "none", isUnsubscribed: false, isBadEmail: false } as const;
  expect(standingOf(nothing)).toBe("sendable");
  expect(standingOf({ ...nothing, flag: "here" })).toBe("do_not_email");
  expect(standingOf({ ...nothing, isBadEmail: true, flag: "here" })).toBe("bad_email");
  expect(standingOf({ isUnsubscribed: true, isBadEmail: true, flag: "here" })).toBe("unsubscribed");
  expect(standingOf({ isUnsubscribed: true, isBadEmail: true, flag: "ams" })).toBe("do_not_email");
});

const calm: FlagKnown = { flag: "none", isNewer: false, mayBeOurs: false, isInDoubt: false };

test("2.4 a flag that nothing of ours can have set is the AMS's, whatever waits", () => {
  for (const isInDoubt of [false, true])
    expect(judgeFlag(true, { ...calm, isInDoubt })).toEqual({ flag: "ams", isReadAgain: false });
});

test("2.4 a flag that a writeback set is ours, but the AMS's own stays the AMS's", () => {
  expect(judgeFlag(true, { ...calm, mayBeOurs: true })).toEqual({ flag: "here", isReadAgain: false });
  expect(judgeFlag(true, { ...calm, mayBeOurs: true, flag: "ams" })).toEqual({ flag: "ams", isReadAgain: false });
});

test("2.4 while a writeback is in doubt, a flag of ours neither comes nor goes, and is read again", () => {
  for (const flag of ["none", "here"] as const)
    expect(judgeFlag(true, { ...calm, flag, mayBeOurs: true, isInDoubt: true })).toEqual({ flag, isReadAgain: true });
  for (const flag of ["none", "here", "ams"] as const)
    expect(judgeFlag(false, { ...calm, flag, isInDoubt: true })).toEqual({ flag, isReadAgain: true });
});

test("2.4 a flag that is gone lifts the AMS's no, unless the read is older than the no", () => {
  expect(judgeFlag(false, { ...calm, flag: "ams" })).toEqual({ flag: "none", isReadAgain: false });
  expect(judgeFlag(false, { ...calm, flag: "ams", isNewer: true })).toEqual({ flag: "ams", isReadAgain: true });
});

const free = { flag: "none", isUnsubscribed: false, isBadEmail: false, told: null } as const;

test("5.1 the AMS is told of a no that stands here unless it says so, or is about to be told", () => {
  expect(owedTo(free)).toBe(null);
  expect(owedTo({ ...free, isUnsubscribed: true, isBadEmail: true })).toBe("unsubscribe");
  expect(owedTo({ ...free, isBadEmail: true })).toBe("bad_email");
  expect(owedTo({ ...free, isBadEmail: true, told: "resubscribe" })).toBe("bad_email");
  for (const told of ["unsubscribe", "bad_email"] as const)
    expect(owedTo({ ...free, isUnsubscribed: true, told })).toBe(null);
  for (const flag of ["ams", "here"] as const) expect(owedTo({ ...free, isUnsubscribed: true, flag })).toBe(null);
});

test("5.1 a bad e-mail whose address is gone is lifted, an unsubscribe is not, nor a no of the AMS", () => {
  expect(owedTo({ ...free, told: "bad_email", flag: "here" })).toBe("resubscribe");
  expect(owedTo({ ...free, told: "unsubscribe", flag: "here" })).toBe(null);
  expect(owedTo({ ...free, told: "bad_email", flag: "ams" })).toBe(null);
});

test("5.1 only an administrator lifts a flag that reached the AMS; what did not is taken back", () => {
  for (const by of ["person", "administrator"] as const) expect(liftOf(by, "ams", true)).toBe("withdraw");
  expect(liftOf("person", "none", false)).toBe("withdraw");
  expect(liftOf("administrator", "none", false), "whatever flag is there is not ours").toBe("tell_only");
  for (const [flag, hasReached] of [
    ["none", true],
    ["here", false],
    ["here", true],
  ] as const) {
    expect(liftOf("person", flag, hasReached)).toBe("flag_stands");
    expect(liftOf("administrator", flag, hasReached)).toBe("resubscribe");
  }
});
