import { Counter, Histogram } from "prom-client";
import type { Metrics } from "../../platform/metrics.ts";
import type { AccountContext } from "../context.ts";
import type { FailedTry, Taken } from "./send-store.ts";

const triesName = "lockstep_writeback_tries_total";
const secondsName = "lockstep_writeback_seconds";

/** Registers the writebacks' figures; call once for each registry. */
export function registerWritebackMetrics(metrics: Metrics): void {
  const registers = [metrics];
  new Counter({
    name: triesName,
    help: "Writebacks by what a try came to: sent, again (tried again later) or failed",
    labelNames: ["type", "outcome"],
    registers,
  });
  new Histogram({
    name: secondsName,
    help: "From the decision until the AMS had it, in seconds",
    labelNames: ["type"],
    buckets: [1, 10, 60, 300, 600, 900, 1800, 3600, 21600, 86400],
    registers,
  });
}

export function noteSent(ctx: AccountContext, { type, decidedAt }: Taken): void {
  (ctx.metrics.getSingleMetric(triesName) as Counter | undefined)?.inc({ type, outcome: "sent" });
  const seconds = Math.max(0, ctx.clock.now().since(decidedAt).total("seconds"));
  (ctx.metrics.getSingleMetric(secondsName) as Histogram | undefined)?.observe({ type }, seconds);
}

/** A log line for each, since a person will ask; what goes well is counted alone. */
export function noteTryFailed(ctx: AccountContext, { id, type }: Taken, { state, tries, error }: FailedTry): void {
  const outcome = state === "failed" ? "failed" : "again";
  (ctx.metrics.getSingleMetric(triesName) as Counter | undefined)?.inc({ type, outcome });
  const level = state === "failed" ? "warn" : "info";
  ctx.log[level](
    { writeback: id, type, outcome, tries, error: error.message, detail: error.detail },
    "writeback not sent",
  );
}
