import { Counter } from "prom-client";
import type { Metrics } from "../../platform/metrics.ts";
import type { Context } from "../context.ts";

const callsName = "lockstep_webhook_calls_total";

/** Registers webhooks' figures; call once for each registry. */
export function registerWebhookMetrics(metrics: Metrics): void {
  new Counter({
    name: callsName,
    help: "Calls of webhooks: delivered, refused (an answer that says no) or unanswered",
    labelNames: ["outcome"],
    registers: [metrics],
  });
}

export function noteCall(ctx: Context, { status, error }: { status: number | null; error: string | null }): void {
  const outcome = error === null ? "delivered" : status === null ? "unanswered" : "refused";
  (ctx.metrics.getSingleMetric(callsName) as Counter | undefined)?.inc({ outcome });
}
