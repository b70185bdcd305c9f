import type { Session } from "../../connectors/connector.ts";
import { crashPoint } from "../../platform/crash-point.ts";
import { must, unreachable } from "../../platform/errors.ts";
import { lockBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { applyRead, type ReadOutcome } from "./apply-read.ts";
import { failSyncsBehindHeld } from "./claim-store.ts";
import { refreshStatistics, rowsWorthStatistics } from "./difference-store.ts";
import { endSync } from "./end-sync.ts";
import { prepareRead, readIndividuals } from "./read-individuals.ts";
import { endSubscriberSync, holdSync, updateRowsApplied, updateSyncState } from "./run-store.ts";
import { stageBriefly, stagingTable } from "./staging-store.ts";
import { selectSync } from "./store.ts";
import { bridgeOf, type Sync } from "./sync.ts";

const rowsWorthShowing = 10_000;

/**
 * Sync type 2: reads all individuals of one messaging job query, then applies the difference to its target group in
 * one transaction. (product 1.2)
 * @param onRead told when the session is needed no more
 * @returns the sync as it ended, or as it is held
 * @throws AmsError when the read can't be known to be complete; the group then keeps its last good members
 * @throws SyncLostError when another process took the sync over
 */
export async function runSubscriberSync(
  ctx: AccountContext,
  sync: Sync & { groupId: GroupId },
  session: Session,
  signal: AbortSignal,
  onRead: () => void,
): Promise<Sync> {
  const start = await prepareRead(ctx, sync);
  crashPoint("sync.before_read");
  const fields = must(sync.fields, "a sync that was started knows its fields");
  const query = must(sync.queryKey, "a bridge group has a query");
  const { rowsRead, unstaged } = await readIndividuals(ctx, sync, session, query, fields, start, signal);
  onRead();
  crashPoint("sync.after_read");
  // A small one is done before anybody could look.
  const isShown = rowsRead >= rowsWorthShowing;
  if (isShown) await moveOn(ctx, sync, "comparing");
  const { ended, written } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const staged = unstaged
      ? await stageBriefly(ctx.db, tx, unstaged, sync.extraFields.length > 0)
      : stagingTable(sync.id);
    const outcome = await applyRead(tx, ctx, sync, staged, {
      isDecided: false,
      onStep: async (rows) => {
        signal.throwIfAborted();
        if (!isShown) return;
        // Not waited for: whoever holds the other connections may wait for what this transaction holds.
        const telling =
          rows === 0
            ? moveOn(ctx, sync, "applying")
            : ctx.db.transaction(ctx.accountId, (own) =>
                updateRowsApplied(own, ctx.accountId, sync.id, rows, ctx.clock.now()),
              );
        telling.catch(() => {});
      },
    });
    const ended = await endRead(tx, ctx, sync, outcome, null);
    crashPoint("sync.before_commit");
    return { ended, written: outcome.difference.added + outcome.difference.removed };
  });
  crashPoint("sync.after_commit");
  if (written >= rowsWorthStatistics) await ctx.db.transaction(ctx.accountId, (tx) => refreshStatistics(tx, written));
  return ended;
}

/** Ends the sync as its read came out. @returns the sync then @param decidedBy the administrator who applied a held one */
export async function endRead(
  tx: Parameters<typeof endSync>[0],
  ctx: AccountContext,
  sync: Sync,
  outcome: ReadOutcome,
  decidedBy: string | null,
): Promise<Sync> {
  const now = ctx.clock.now();
  const call = decidedBy === null ? null : "no_call";
  switch (outcome.outcome) {
    case "held":
      if (sync.isDryRun) {
        await endSubscriberSync(tx, ctx.accountId, sync, { sendable: 0, decidedBy }, now);
        return endSync(tx, ctx, sync, `Dry run: ${outcome.reason}, so it would be held`, call);
      }
      await holdSync(tx, ctx.accountId, sync, outcome.reason, now);
      await endThoseBehind(tx, ctx, sync, outcome.reason);
      return endSync(tx, ctx, sync, `Held: ${outcome.reason}`, call);
    case "succeeded":
      await endSubscriberSync(tx, ctx.accountId, sync, { sendable: outcome.sendable, decidedBy }, now);
      return endSync(tx, ctx, sync, `${sync.isDryRun ? "Dry run: would be" : "Done:"} ${describe(outcome)}`, call);
    default:
      return unreachable(outcome);
  }
}

/** Whoever waits for another read of the group would wait for an administrator: they are told instead. (product 1.5) */
async function endThoseBehind(
  tx: Parameters<typeof endSync>[0],
  ctx: AccountContext,
  sync: Sync,
  heldReason: string,
): Promise<void> {
  // Under the bridge's row: a request that comes at this moment sees the held sync, or is seen here.
  await lockBridge(tx, ctx.accountId, bridgeOf(sync));
  const message = `The sync of this group before it is held: ${heldReason}. An administrator applies or discards it; then ask again.`;
  const group = must(sync.groupId, "a subscriber sync has a group");
  const reason = { kind: "held", message };
  for (const id of await failSyncsBehindHeld(tx, ctx.accountId, group, reason, ctx.clock.now())) {
    const behind = must(await selectSync(tx, ctx.accountId, id), "a sync just ended is there");
    await endSync(tx, ctx, behind, `Failed: ${message}`, "no_call");
  }
}

function describe({ difference }: ReadOutcome): string {
  return `+${difference.added} −${difference.removed} ~${difference.updated}`;
}

/** In a transaction of its own, so that the page sees it at once. */
function moveOn(ctx: AccountContext, sync: Sync, state: "comparing" | "applying"): Promise<void> {
  return ctx.db.transaction(ctx.accountId, (tx) => updateSyncState(tx, ctx.accountId, sync, state, ctx.clock.now()));
}
