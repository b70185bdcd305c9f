import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../src/platform/clock.ts";

/** A clock that stands still until it is moved; who sleeps by it moves it and goes on at once. */
export interface ManualClock extends Clock {
  set(at: Temporal.Instant | string): void;
  advance(duration: Temporal.DurationLike): void;
}

/** @param start an instant: `2030-03-04T09:00:00Z` */
export function createManualClock(start: string): ManualClock {
  let at = Temporal.Instant.from(start);
  return {
    now: () => at,
    monotonicMs: () => at.epochMilliseconds,
    random: () => 0.5,
    set(instant) {
      at = Temporal.Instant.from(instant);
    },
    advance(duration) {
      at = at.add(duration);
    },
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      at = at.add({ milliseconds: Math.round(milliseconds) });
      await nextTurn();
      signal?.throwIfAborted();
    },
  };
}
