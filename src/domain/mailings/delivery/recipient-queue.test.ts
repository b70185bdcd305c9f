import { expect, test } from "vitest";
import { createManualClock } from "../../../../test/harness/manual-clock.ts";
import { DomainTraffic } from "./domain-limits.ts";
import { RecipientQueue } from "./recipient-queue.ts";
import type { Claimed } from "./recipient-store.ts";

const ann: Claimed = {
  place: 1,
  subscriberId: 1,
  email: "ann@example.org",
  emailKey: "ann@example.org",
  values: {},
  tries: 1,
  firstTriedAt: null,
};

test("4.4 who is put back while a claim is under way is found: whoever waited for that claim asks again", async () => {
  const clock = createManualClock("2030-03-04T09:00:00Z");
  const waiting: Claimed[] = [];
  const looked = Promise.withResolvers<void>();
  const claim = async () => {
    const found = waiting.splice(0);
    await looked.promise;
    return found;
  };
  const queue = new RecipientQueue(claim, 1, new DomainTraffic({ connections: 5, rate: 0 }, clock), clock);
  const first = queue.next();
  waiting.push(ann);
  const second = queue.next();
  looked.resolve();
  expect(await Promise.all([first, second])).toEqual([undefined, ann]);
});
