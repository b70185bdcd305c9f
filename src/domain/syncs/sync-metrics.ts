import { Counter, Histogram } from "prom-client";
import type { Metrics } from "../../platform/metrics.ts";
import type { AccountContext } from "../context.ts";
import type { Sync } from "./sync.ts";

const endsName = "lockstep_syncs_total";
const secondsName = "lockstep_sync_seconds";
const rowsName = "lockstep_sync_rows_total";

/** Registers the syncs' figures; call once for each registry. */
export function registerSyncMetrics(metrics: Metrics): void {
  const registers = [metrics];
  new Counter({
    name: endsName,
    help: "Syncs that ended or were held",
    labelNames: ["type", "trigger", "outcome"],
    registers,
  });
  new Histogram({
    name: secondsName,
    help: "How long syncs took from their start, in seconds",
    labelNames: ["type", "outcome"],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  });
  new Counter({ name: rowsName, help: "Rows that subscriber syncs read", labelNames: ["outcome"], registers });
}

/** A sync ended, or is held: one log line and its figures. */
export function noteSyncEnd(ctx: AccountContext, sync: Sync): void {
  const seconds = sync.startedAt ? ctx.clock.now().since(sync.startedAt).total("seconds") : 0;
  const { kind: type, trigger, state: outcome } = sync;
  (ctx.metrics.getSingleMetric(endsName) as Counter | undefined)?.inc({ type, trigger, outcome });
  (ctx.metrics.getSingleMetric(secondsName) as Histogram | undefined)?.observe({ type, outcome }, seconds);
  if (type === "subscriber")
    (ctx.metrics.getSingleMetric(rowsName) as Counter | undefined)?.inc({ outcome }, sync.rowsRead);
  const detail = {
    sync: sync.id,
    group: sync.groupId,
    type,
    trigger,
    outcome,
    seconds: Math.round(seconds * 1000) / 1000,
    rows: sync.rowsRead,
    added: sync.added,
    removed: sync.removed,
    updated: sync.updated,
    error: sync.errorMessage ?? undefined,
    detail: sync.errorDetail ?? undefined,
  };
  // A failed sync heals with the next one; a bridge that needs attention is what wakes somebody.
  if (outcome === "failed") ctx.log.warn(detail, "sync failed");
  else ctx.log.info(detail, `sync ${outcome}`);
}
