import { AmsError } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { describeError, must, ProductError } from "../../platform/errors.ts";
import { enqueue, type JobRun } from "../../platform/jobs.ts";
import { accountSuspended } from "../accounts/sign-in.ts";
import { selectAccount } from "../accounts/store.ts";
import type { Bridge, BridgeId } from "../bridges/bridge.ts";
import { connectorOf, openSettings, whyNotUsable } from "../bridges/get-bridge.ts";
import { isCircuitOpen } from "../bridges/health.rules.ts";
import { countSessions } from "../bridges/session-store.ts";
import { lockBridge } from "../bridges/store.ts";
import type { AccountContext, Context } from "../context.ts";
import { updateGroupError } from "../target-groups/store.ts";
import { countReserved } from "../writebacks/share-sessions.ts";
import { failWaitingSyncs, selectSyncsRunBy, takeNextSync } from "./claim-store.ts";
import { endSync } from "./end-sync.ts";
import { bridgeJob } from "./jobs.ts";
import { runListSync } from "./run-list-sync.ts";
import { endSyncCancelled, endSyncFailed, releaseSync, SyncLostError } from "./run-store.ts";
import { runSubscriberSync } from "./run-subscriber-sync.ts";
import { dropStaging } from "./staging-store.ts";
import { selectSync } from "./store.ts";
import { insertSyncEvent } from "./story-store.ts";
import { bridgeOf, type Sync, type SyncFailure, type SyncId } from "./sync.ts";
import { watchRun } from "./watch-run.ts";

/** How often in a row a sync may be interrupted at the same place before it is taken for the reason. */
const mostStalls = 10;
/** Syncs that this process runs now, and whether they still need their session with the AMS. */
const own = new Map<SyncId, "reads" | "applies">();

/**
 * Runs the bridge's syncs one after the other: while one is compared and applied, the next is read, so that the
 * AMS's sessions don't wait for our database. Safe to call as often as one likes. (product 1.4)
 * @param isTurnOver asked after each sync; by default one sync is a turn
 * @returns whether there was any, and whether more may wait
 */
export async function workOnBridge(
  ctx: AccountContext,
  bridgeId: BridgeId,
  run: JobRun,
  isTurnOver: () => boolean = () => true,
): Promise<{ readonly hasRun: boolean; readonly isMoreLeft: boolean }> {
  let hasRun = false;
  let applied: Promise<void> | undefined;
  while (!run.signal.aborted && !(hasRun && isTurnOver())) {
    const next = await startNext(ctx, bridgeId, run);
    if (next) {
      hasRun = true;
      await next.read;
      await applied; // never more than one behind, whose rows are in memory
      applied = next.ended;
    } else if (applied) {
      // What waits may have waited for just this one.
      await applied;
      applied = undefined;
    } else return { hasRun, isMoreLeft: false };
  }
  await applied;
  return { hasRun, isMoreLeft: !run.signal.aborted };
}

interface AtWork {
  /** The AMS has told everything, or nothing more will be asked. */
  readonly read: Promise<void>;
  readonly ended: Promise<void>;
}

/** Starts the bridge's next sync, if there is one and a session is free. */
async function startNext(ctx: AccountContext, bridgeId: BridgeId, run: JobRun): Promise<AtWork | undefined> {
  const taken = await takeNext(ctx, bridgeId, run.processId);
  if (!taken) return undefined;
  const { sync, bridge } = taken;
  const log = ctx.log.child({ bridge: bridge.id, sync: sync.id });
  const read = Promise.withResolvers<void>();
  const onRead = () => {
    own.set(sync.id, "applies");
    read.resolve();
  };
  const ended = runTaken({ ...ctx, log }, sync, bridge, run.signal, onRead).finally(() => {
    own.delete(sync.id);
    read.resolve();
  });
  ended.catch(() => {}); // met by whoever waits for its end
  return { read: read.promise, ended };
}

/**
 * Lets go of syncs that bear this process's name though it runs them no more: the database was away when their end
 * should have been written. Looked for first and held against `own` after, so that one just taken is not among them.
 */
export async function releaseForgottenSyncs(ctx: Context, processId: string): Promise<void> {
  await ctx.db.system(async (tx) => {
    for (const sync of await selectSyncsRunBy(tx, processId)) {
      if (!own.has(sync.id)) await releaseSync(tx, sync.accountId, sync);
    }
  });
}

const applied = () => [...own].flatMap(([id, does]) => (does === "applies" ? [id] : []));

interface Taken {
  readonly sync: Sync;
  readonly bridge: Bridge;
}

/** Decides under the bridge's row, so that no two processes take the same sync or one session too many. */
async function takeNext(ctx: AccountContext, bridgeId: BridgeId, processId: string): Promise<Taken | undefined> {
  let claimed: SyncId | undefined;
  const taking = ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await lockBridge(tx, ctx.accountId, bridgeId);
    if (!bridge) return undefined;
    const now = ctx.clock.now();
    const account = await selectAccount(tx, ctx.accountId);
    const trouble = account?.suspendedAt ? accountSuspended() : whyNotUsable(bridge);
    if (trouble) {
      const reason = { kind: bridge.health.needsAttentionSince ? "credentials" : "refused", message: trouble.message };
      for (const id of await failWaitingSyncs(tx, ctx.accountId, bridgeId, reason, now)) {
        await finishWithoutCall(tx, ctx, id, trouble.message);
      }
      return undefined;
    }
    const { probeAt } = bridge.health;
    if (probeAt && Temporal.Instant.compare(now, probeAt) < 0) {
      await enqueue(
        tx,
        bridgeJob,
        { accountId: ctx.accountId, bridgeId },
        { runAt: probeAt, key: `probe:${bridgeId}` },
      );
      return undefined;
    }
    const limit = isCircuitOpen(bridge.health) ? 1 : bridge.settings.sessionLimit;
    const reserved = await countReserved(tx, ctx, bridgeId);
    if ((await countSessions(tx, ctx.accountId, bridgeId, { processId, applied: applied() })) >= limit - reserved)
      return undefined;
    const next = await takeNextSync(tx, ctx.accountId, bridgeId, processId, [...own.keys()], now);
    const sync = next && (await selectSync(tx, ctx.accountId, next.id));
    if (next && sync && next.stalled >= mostStalls) {
      await giveUp(tx, ctx, sync);
      return undefined;
    }
    // Before the commit: a sister job of this process must not take it for one that ended without a word.
    claimed = sync?.id;
    if (sync) own.set(sync.id, "reads");
    if (sync && sync.attempt > 1) await noteGoingOn(tx, ctx, sync);
    return sync && { sync, bridge };
  });
  return taking.catch((error) => {
    // Whether it was committed is unknown: if so, it is taken again as one that ended without a word.
    if (claimed) own.delete(claimed);
    throw error;
  });
}

/** A sync whose process died again and again at the same place: it may well be the reason. */
async function giveUp(tx: Tx, ctx: AccountContext, sync: Sync): Promise<void> {
  const message = `The process that ran it ended ${mostStalls} times without reading a row more. The group keeps its last good members. Show this to your operator: the log says how the process ended, perhaps for want of memory.`;
  const failure: SyncFailure = { kind: "internal", message, detail: undefined };
  await endSyncFailed(tx, ctx.accountId, sync, failure, ctx.clock.now());
  if (sync.groupId && !sync.isDryRun) await updateGroupError(tx, ctx.accountId, sync.groupId);
  await dropStaging(tx, sync.id);
  await endSync(tx, ctx, sync, `Failed: ${message}`, "no_call");
}

/** The story of a sync says where it was interrupted. */
function noteGoingOn(tx: Tx, ctx: AccountContext, sync: Sync): Promise<void> {
  const message = `Goes on after an interruption, behind ${sync.rowsRead} rows that are staged`;
  return insertSyncEvent(tx, ctx.accountId, sync.id, { at: ctx.clock.now(), state: sync.state, message, detail: {} });
}

async function finishWithoutCall(tx: Tx, ctx: AccountContext, id: SyncId, message: string): Promise<void> {
  const sync = must(await selectSync(tx, ctx.accountId, id), "a sync just ended is there");
  await endSync(tx, ctx, sync, `Failed: ${message}`, "no_call");
}

async function runTaken(
  ctx: AccountContext,
  sync: Sync,
  bridge: Bridge,
  processSignal: AbortSignal,
  onRead: () => void,
): Promise<void> {
  const watch = watchRun(ctx, sync, processSignal);
  try {
    if (sync.cancelRequestedBy) return await cancelRun(ctx, sync);
    await runWithSession(ctx, sync, bridge, watch.signal, onRead);
  } catch (error) {
    if (error instanceof SyncLostError || watch.standing() === "lost") {
      ctx.log.warn({ reason: describeError(error) }, "left a sync to the process that took it over");
    } else if (watch.standing() === "cancelled") await cancelRun(ctx, sync);
    else if (processSignal.aborted) await letGo(ctx, sync);
    else await failRun(ctx, sync, bridge, toFailure(error));
  } finally {
    watch.stop();
  }
}

/** @param onRead told when the session is free again, before the rest of the work */
async function runWithSession(
  ctx: AccountContext,
  sync: Sync,
  bridge: Bridge,
  signal: AbortSignal,
  onRead: () => void,
): Promise<Sync> {
  const { groupId } = sync;
  const loan = await ctx.sessions.borrow(connectorOf(ctx, bridge), bridge.id, bridge.version, () =>
    openSettings(ctx, bridge),
  );
  let isGood = false;
  const giveBack = () => {
    isGood = true;
    loan.giveBack();
    onRead();
  };
  try {
    return await (groupId === null
      ? runListSync(ctx, sync, bridge, loan.session, signal, giveBack)
      : runSubscriberSync(ctx, { ...sync, groupId }, loan.session, signal, giveBack));
  } finally {
    if (!isGood) await loan.drop();
  }
}

function toFailure(error: unknown): SyncFailure {
  if (error instanceof AmsError) return { kind: error.kind, message: error.message, detail: error.detail };
  if (error instanceof ProductError)
    return { kind: "internal", message: `${error.message} ${error.wayOut}`.trim(), detail: describeError(error) };
  return {
    kind: "internal",
    message:
      "Something went wrong inside Lockstep; the group keeps its last good members. Try again, or show this to your operator.",
    detail: describeError(error),
  };
}

async function failRun(ctx: AccountContext, sync: Sync, bridge: Bridge, failure: SyncFailure): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await endSyncFailed(tx, ctx.accountId, sync, failure, ctx.clock.now());
    if (sync.groupId && !sync.isDryRun) await updateGroupError(tx, ctx.accountId, sync.groupId);
    await dropStaging(tx, sync.id);
    await endSync(tx, ctx, sync, `Failed: ${failure.message}`, { ...failure, bridgeVersion: bridge.version });
  });
}

async function cancelRun(ctx: AccountContext, sync: Sync): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const now = must(await selectSync(tx, ctx.accountId, sync.id), "a sync that is cancelled is there");
    await endSyncCancelled(tx, ctx.accountId, sync.id, ctx.clock.now());
    await dropStaging(tx, sync.id);
    await endSync(tx, ctx, sync, `Cancelled by ${now.cancelRequestedBy ?? "somebody"}`, "no_call");
  });
}

/** The process stops: what is staged stays, and whoever is free goes on from there. */
async function letGo(ctx: AccountContext, sync: Sync): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await releaseSync(tx, ctx.accountId, sync);
    await enqueue(tx, bridgeJob, { accountId: ctx.accountId, bridgeId: bridgeOf(sync) });
  });
}
