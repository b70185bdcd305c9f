import { Counter, Histogram, type Registry } from "prom-client";
import type { CallObserver } from "./connector.ts";

/** Registers the figures of calls to the AMS. @returns what a connector tells of each call */
export function registerAmsMetrics(metrics: Registry): CallObserver {
  const registers = [metrics];
  const seconds = new Histogram({
    name: "lockstep_ams_call_seconds",
    help: "How long calls to the AMS took, in seconds",
    labelNames: ["operation"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600],
    registers,
  });
  const faults = new Counter({
    name: "lockstep_ams_faults_total",
    help: "Calls to the AMS that failed, by reason",
    labelNames: ["operation", "kind"],
    registers,
  });
  return {
    call({ operation, milliseconds, outcome }) {
      seconds.observe({ operation }, milliseconds / 1000);
      if (outcome !== "ok") faults.inc({ operation, kind: outcome });
    },
  };
}
