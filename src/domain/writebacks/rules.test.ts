import { expect, test } from "vitest";
import { retryAfterRefusal, retryAfterSilence, tickAfter } from "./due.rules.ts";
import { outcomeOfFailure } from "./outcome.rules.ts";
import { mayOpenSession, mustGiveSession, type Shares } from "./share-sessions.rules.ts";

const at = (text: string) => Temporal.Instant.from(`2030-03-04T${text}Z`);

test.each([
  ["09:00:00", "09:00:00"],
  ["09:00:00.001", "09:10:00"],
  ["09:09:59.999", "09:10:00"],
  ["09:10:00", "09:10:00"],
  ["23:55:00", "24:00:00"],
])("5.1 what is decided at %s goes at %s", (decided, sent) => {
  const expected = sent === "24:00:00" ? Temporal.Instant.from("2030-03-05T00:00:00Z") : at(sent);
  expect(tickAfter(at(decided)).equals(expected)).toBe(true);
});

test("5.2 a refusal is tried again at the tick 10 minutes on, then 30, then never", () => {
  expect(retryAfterRefusal(1, at("09:03:00"))?.toString()).toBe("2030-03-04T09:20:00Z");
  expect(retryAfterRefusal(2, at("09:20:00"))?.toString()).toBe("2030-03-04T09:50:00Z");
  expect(retryAfterRefusal(3, at("09:50:00"))).toBeNull();
});

test("5.2 silence is tried again in 15 s, doubled each time, 10 minutes at most", () => {
  const seconds = [1, 2, 3, 6, 7, 50].map((n) =>
    retryAfterSilence(n, at("09:00:00")).since(at("09:00:00")).total("seconds"),
  );
  expect(seconds).toEqual([15, 30, 60, 480, 600, 600]);
});

test("5.2 no answer is no try; an answer that can't be trusted is one, and leaves the AMS to be asked", () => {
  const before = { tries: 2, unanswered: 3, isUnsure: false };
  const now = at("09:00:00");
  expect(outcomeOfFailure("unreachable", before, now)).toMatchObject({
    state: "ready",
    tries: 2,
    unanswered: 4,
    isUnsure: true,
  });
  expect(outcomeOfFailure("token", before, now)).toMatchObject({ state: "ready", tries: 2, isUnsure: false });
  expect(outcomeOfFailure("incomplete", before, now)).toMatchObject({ state: "failed", tries: 3, isUnsure: true });
  expect(outcomeOfFailure("refused", before, now)).toMatchObject({ state: "failed", tries: 3, isUnsure: false });
  expect(outcomeOfFailure("refused", { ...before, tries: 1 }, now)).toMatchObject({
    state: "ready",
    tries: 2,
    unanswered: 0,
  });
});

const shares: Shares = { limit: 4, taken: 0, writebacks: 0, syncsWait: false, isOverdue: false };

test.each<[string, Partial<Shares>, boolean, boolean]>([
  ["alone they take all", { taken: 3, writebacks: 3 }, true, false],
  ["but not one more", { taken: 4, writebacks: 4 }, false, false],
  ["sessions of others count", { taken: 4, writebacks: 1 }, false, false],
  ["while syncs wait they take half", { taken: 1, writebacks: 1, syncsWait: true }, true, false],
  ["and not more", { taken: 2, writebacks: 2, syncsWait: true }, false, false],
  ["and give what they have more", { taken: 3, writebacks: 3, syncsWait: true }, false, true],
  ["of one session nothing", { limit: 1, syncsWait: true }, false, false],
  ["and give it", { limit: 1, taken: 1, writebacks: 1, syncsWait: true }, false, true],
  ["unless they have waited too long", { limit: 1, syncsWait: true, isOverdue: true }, true, false],
  ["then they keep it", { limit: 1, taken: 1, writebacks: 1, syncsWait: true, isOverdue: true }, false, false],
])("1.4 %s", (_, given, mayOpen, mustGive) => {
  expect(mayOpenSession({ ...shares, ...given })).toBe(mayOpen);
  expect(mustGiveSession({ ...shares, ...given })).toBe(mustGive);
});
