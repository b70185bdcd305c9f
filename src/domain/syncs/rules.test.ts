import fc from "fast-check";
import { expect, test } from "vitest";
import { joinOrQueue, priorityOf } from "./coalescing.rules.ts";
import { guardOf, heldReason } from "./guard.rules.ts";
import type { Sync, SyncState, Trigger } from "./sync.ts";

const guard = { percent: 30, minimum: 50, absolute: null };
const sync = (state: SyncState, isDryRun = false, cancelRequestedBy: string | null = null) =>
  ({ id: state, state, isDryRun, cancelRequestedBy }) as unknown as Sync;
const ask = (open: Sync[], trigger: Trigger = "resync", isDryRun = false) => joinOrQueue(open, { trigger, isDryRun });

test("1.5 lets exactly 30% go, and holds one more", () => {
  expect(heldReason({ before: 100, removed: 30, after: 70 }, guard)).toBeNull();
  expect(heldReason({ before: 100, removed: 31, after: 69 }, guard)).toBe(
    "the read would remove 31 of 100 members, more than 30%",
  );
});

test("1.5 guards a group of 50, not one of 49", () => {
  expect(heldReason({ before: 50, removed: 49, after: 1 }, guard)).not.toBeNull();
  expect(heldReason({ before: 49, removed: 48, after: 1 }, guard)).toBeNull();
});

test("1.5 holds a sync that would empty the group, however small, and not one of a group that was empty", () => {
  expect(heldReason({ before: 1, removed: 1, after: 0 }, guard)).toContain("found nobody");
  expect(heldReason({ before: 0, removed: 0, after: 0 }, guard)).toBeNull();
});

test("1.5 counts who goes, not how the size changes", () => {
  expect(heldReason({ before: 100, removed: 60, after: 100 }, guard)).not.toBeNull();
});

test("1.5 an absolute limit holds whatever the share", () => {
  expect(heldReason({ before: 10_000, removed: 500, after: 9_500 }, { ...guard, absolute: 500 })).toBeNull();
  expect(heldReason({ before: 10_000, removed: 501, after: 9_499 }, { ...guard, absolute: 500 })).not.toBeNull();
});

test("1.5 a group's own guard goes before the bridge's, one setting at a time", () => {
  const bridge = { guardPercent: 30, guardMinimum: 50, guardAbsolute: 1000 };
  const group = { guardPercent: 0, guardMinimum: null, guardAbsolute: null };
  expect(guardOf(bridge, group)).toEqual({ percent: 0, minimum: 50, absolute: 1000 });
});

test("1.5 never lets more go than the guard allows", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(100), fc.nat(200), (before, gone, percent, minimum) => {
      const removed = Math.min(before, gone);
      const held = heldReason({ before, removed, after: before - removed + 1 }, { percent, minimum, absolute: null });
      expect(held !== null).toBe(before >= minimum && removed / before > percent / 100 + 1e-12);
    }),
  );
});

test("1.4 a request while one waits joins it, a publish too", () => {
  expect(ask([sync("queued")])).toMatchObject({ answer: "joined", sync: { id: "queued" } });
  expect(ask([sync("reading"), sync("queued")], "publish")).toMatchObject({ answer: "joined", sync: { id: "queued" } });
});

test("1.4 a request while one runs joins it; a publish gets the next run", () => {
  for (const state of ["reading", "comparing", "applying"] as const) {
    expect(ask([sync(state)]).answer).toBe("joined");
    expect(ask([sync(state)], "publish").answer).toBe("queued");
  }
});

test("1.4 nobody joins a run that is being cancelled", () => {
  expect(ask([sync("reading", false, "Ana")]).answer).toBe("queued");
});

test("1.5 only the held group waits: a request for it is answered by the held sync", () => {
  expect(ask([sync("held")]).answer).toBe("held");
  expect(ask([sync("held"), sync("queued")], "publish").answer).toBe("held");
});

test("1.9 a dry run and a sync don't answer each other", () => {
  expect(ask([sync("queued", true)]).answer).toBe("queued");
  expect(ask([sync("queued")], "resync", true).answer).toBe("queued");
  expect(ask([sync("held")], "resync", true).answer).toBe("queued");
  expect(ask([sync("queued", true)], "resync", true).answer).toBe("joined");
});

test("1.4 publish goes before resync, resync before nightly", () => {
  expect(priorityOf("publish")).toBeLessThan(priorityOf("resync"));
  expect(priorityOf("resync")).toBeLessThan(priorityOf("nightly"));
});
