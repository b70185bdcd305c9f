import { type Context, inAccount } from "../domain/context.ts";
import { bridgeJob } from "../domain/syncs/jobs.ts";
import { workOnBridge } from "../domain/syncs/work-on-bridge.ts";
import { handle } from "../platform/jobs.ts";

export const runBridgeJob = (ctx: Context) =>
  handle(bridgeJob, ({ accountId, bridgeId }, run) => workOnBridge(inAccount(ctx, accountId, "worker"), bridgeId, run));
