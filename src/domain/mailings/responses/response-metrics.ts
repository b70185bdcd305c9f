import { Counter } from "prom-client";
import type { Metrics } from "../../../platform/metrics.ts";
import type { Context } from "../../context.ts";
import type { Activity } from "./activity-store.ts";

const activityName = "lockstep_mailing_activity_total";
const returnedName = "lockstep_returned_mails_total";

/** What a mail that came back to the bounce address was. */
export type ReturnedMail = "bounce" | "complaint" | "delayed" | "not_a_report" | "forged" | "too_late" | "held";

/** Registers the figures of what comes back; call once for each registry. */
export function registerResponseMetrics(metrics: Metrics): void {
  const registers = [metrics];
  new Counter({
    name: activityName,
    help: "Opens, clicks, unsubscribes, complaints and bounces",
    labelNames: ["kind", "automatic"],
    registers,
  });
  new Counter({
    name: returnedName,
    help: "Mails that came to the bounce address, by what they were",
    labelNames: ["kind"],
    registers,
  });
}

export function noteActivity(ctx: Context, activities: readonly Pick<Activity, "kind" | "isAutomatic">[]): void {
  const counter = ctx.metrics.getSingleMetric(activityName) as Counter | undefined;
  for (const { kind, isAutomatic } of activities) counter?.inc({ kind, automatic: String(isAutomatic) });
}

export function noteReturnedMail(ctx: Context, kind: ReturnedMail): void {
  (ctx.metrics.getSingleMetric(returnedName) as Counter | undefined)?.inc({ kind });
}
