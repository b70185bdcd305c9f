import { Registry } from "prom-client";

/** Where each concept registers its own figures; `/metrics` prints them all. */
export type Metrics = Registry;

export function createMetrics(): Metrics {
  return new Registry();
}
