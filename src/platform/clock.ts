import { setTimeout as wait } from "node:timers/promises";

/** Time and chance, handed in with the context: tests move them by hand. */
export interface Clock {
  now(): Temporal.Instant;
  /** Milliseconds that only ever grow, for durations. */
  monotonicMs(): number;
  /** @throws the signal's reason when it is aborted meanwhile */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to, not including, 1: for jitter, never for secrets. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Temporal.Instant.fromEpochMilliseconds(Date.now()),
  monotonicMs: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  },
  random: () => Math.random(),
};
