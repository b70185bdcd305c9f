import { collectDefaultMetrics, Registry } from "prom-client";

/** Where each concept registers its own figures; `/metrics` prints them all, with the process's own. */
export type Metrics = Registry;

export function createMetrics(): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
