import type { AccountId } from "../domain/accounts/account.ts";
import type { BridgeId } from "../domain/bridges/bridge.ts";
import { type Context, inAccount } from "../domain/context.ts";
import { priorityOf } from "../domain/syncs/coalescing.rules.ts";
import { bridgeJob } from "../domain/syncs/jobs.ts";
import { goOnWithNightlies } from "../domain/syncs/nightly.ts";
import { workOnBridge } from "../domain/syncs/work-on-bridge.ts";
import { enqueue, handle, type JobRun } from "../platform/jobs.ts";

/** How long one job stays with a bridge before others have their turn: a night of one account must not starve them. */
const turnMilliseconds = 5_000;

export const runBridgeJob = (ctx: Context) =>
  handle(bridgeJob, ({ accountId, bridgeId }, run) => workForATurn(ctx, accountId, bridgeId, run));

/** Runs the bridge's syncs one after the other; when the turn is over and more may wait, hands on to another job. */
async function workForATurn(ctx: Context, accountId: AccountId, bridgeId: BridgeId, run: JobRun): Promise<void> {
  const own = inAccount(ctx, accountId, "worker");
  const end = ctx.clock.monotonicMs() + turnMilliseconds;
  const isTurnOver = () => ctx.clock.monotonicMs() >= end;
  const { hasRun, isMoreLeft } = await workOnBridge(own, bridgeId, run, isTurnOver);
  if (isMoreLeft) {
    await ctx.db.transaction(accountId, (tx) =>
      enqueue(tx, bridgeJob, { accountId, bridgeId }, { priority: priorityOf("nightly") }),
    );
  } else if (hasRun && !run.signal.aborted) await goOnWithNightlies(own, bridgeId);
}
