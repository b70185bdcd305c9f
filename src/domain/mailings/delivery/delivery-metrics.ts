import { Counter, Histogram } from "prom-client";
import type { Metrics } from "../../../platform/metrics.ts";
import type { AccountContext } from "../../context.ts";
import type { Outcome } from "./recipient-store.ts";

const mailName = "lockstep_mail_total";
const secondsName = "lockstep_mail_hand_over_seconds";

/** Registers delivery's figures; call once for each registry. */
export function registerDeliveryMetrics(metrics: Metrics): void {
  const registers = [metrics];
  new Counter({
    name: mailName,
    help: "Messages of mailings by what became of them",
    labelNames: ["outcome"],
    registers,
  });
  new Histogram({
    name: secondsName,
    help: "From letting a message's last chunk go to the relay's answer, in seconds",
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers,
  });
}

export function noteHandOver(ctx: AccountContext, seconds: number): void {
  (ctx.metrics.getSingleMetric(secondsName) as Histogram | undefined)?.observe(seconds);
}

/** One line in the log for what a person may ask after later; what simply went well is counted alone. */
export function noteOutcome(ctx: AccountContext, instance: string, outcome: Outcome): void {
  const name = outcome.bounceKind === null ? outcome.state : `${outcome.state}_${outcome.bounceKind}`;
  (ctx.metrics.getSingleMetric(mailName) as Counter | undefined)?.inc({ outcome: name });
  if (outcome.state === "sent" || outcome.state === "waiting") return;
  ctx.log.info(
    { instance, place: outcome.place, outcome: name, reply: outcome.reply ?? undefined },
    "mail not delivered",
  );
}
