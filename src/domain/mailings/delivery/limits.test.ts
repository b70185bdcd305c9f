import { expect, test } from "vitest";
import { createManualClock } from "../../../../test/harness/manual-clock.ts";
import { tripOf, windowSize } from "./breaker.rules.ts";
import { nextTryAt } from "./deferral.rules.ts";
import { DomainTraffic } from "./domain-limits.ts";

const start = Temporal.Instant.from("2030-03-04T09:00:00Z");

test("4.4 a deferred recipient waits 15, 30, 60 … minutes, a day at most", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 20].map((tries) =>
    nextTryAt(tries, start, start)?.since(start).total("minutes"),
  );
  expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]);
});

test("4.4 after 48 hours of 'later' a receiver has said no: a soft bounce", () => {
  expect(nextTryAt(9, start, start.add({ hours: 48 }).subtract({ seconds: 1 }))).not.toBeNull();
  expect(nextTryAt(9, start, start.add({ hours: 48 }))).toBeNull();
});

const none = { answers: windowSize, policyRefusals: 0, contentRefusals: 0, hardBounces: 0 };

test("4.4 policy refusals stop at 5 %, not below", () => {
  expect(tripOf({ ...none, policyRefusals: 24 })).toBeNull();
  expect(tripOf({ ...none, policyRefusals: 25 })?.kind).toBe("policy_refusals");
  expect(tripOf({ ...none, contentRefusals: 24 })).toBeNull();
  expect(tripOf({ ...none, contentRefusals: 25 })?.kind).toBe("content");
});

test("4.4 hard bounces stop at 10 %, not below", () => {
  expect(tripOf({ ...none, hardBounces: 49 })).toBeNull();
  expect(tripOf({ ...none, hardBounces: 50 })?.kind).toBe("hard_bounces");
});

test("4.4 fewer than 100 answers say nothing yet", () => {
  expect(tripOf({ ...none, answers: 99, policyRefusals: 99 })).toBeNull();
  expect(tripOf({ ...none, answers: 100, policyRefusals: 5 })?.kind).toBe("policy_refusals");
});

test("4.4 a domain gets as many at once, and in a second, as it may", () => {
  const clock = createManualClock("2030-03-04T09:00:00Z");
  const traffic = new DomainTraffic({ connections: 2, rate: 10 }, clock);
  traffic.begin("a.example");
  expect(traffic.isFree("a.example")).toBe(false);
  expect(traffic.isFree("b.example")).toBe(true);
  clock.advance({ milliseconds: 100 });
  expect(traffic.isFree("a.example")).toBe(true);
  traffic.begin("a.example");
  clock.advance({ seconds: 1 });
  expect(traffic.isFree("a.example")).toBe(false);
  traffic.end("a.example", "fine");
  expect(traffic.isFree("a.example")).toBe(true);
});

test("4.4 a domain that asks for fewer gets none for a minute, and twice as long each further time", () => {
  const clock = createManualClock("2030-03-04T09:00:00Z");
  const traffic = new DomainTraffic({ connections: 5, rate: 0 }, clock);
  const ask = () => {
    traffic.begin("a.example");
    traffic.end("a.example", "slow_down");
    return traffic.pauseOf("a.example") / 60_000;
  };
  const pauses = [1, 2, 3, 4, 5, 6, 7].map(() => {
    const minutes = ask();
    clock.advance({ milliseconds: Math.round(traffic.pauseOf("a.example")) });
    return minutes;
  });
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
  traffic.begin("a.example");
  traffic.end("a.example", "fine");
  expect(ask()).toBe(1);
});
