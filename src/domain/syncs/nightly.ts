import type { Tx } from "../../platform/database/database.ts";
import { describeError, must } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { enqueue } from "../../platform/jobs.ts";
import { selectAccount } from "../accounts/store.ts";
import type { Bridge, BridgeId } from "../bridges/bridge.ts";
import { BridgeNotUsableError, connectorOf, getBridge, whyNotUsable } from "../bridges/get-bridge.ts";
import { lockBridge, selectActiveBridges } from "../bridges/store.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { lastNightlyDue, type NightlyVerdict, nextNightlyDue, nightlyVerdict } from "../target-groups/nightly.rules.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { type GroupForNight, selectGroupsForNight } from "../target-groups/use-store.ts";
import { priorityOf } from "./coalescing.rules.ts";
import { bridgeJob, nightlyJob } from "./jobs.ts";
import {
  type GroupVerdict,
  hasScheduledRun,
  insertNightlyRun,
  insertNightlySyncs,
  insertVerdicts,
  lockNightlyRun,
  type NightlyPage,
  type NightlyRun,
  selectNightlyProgress,
  selectNightlyRun,
  selectNightlyRuns,
  selectOpenGroupSyncs,
  selectOpenNightlyRunsOf,
  selectVerdicts,
  updateNightlyListSync,
  updateNightlyState,
} from "./nightly-store.ts";
import { requestListSyncIn } from "./request-sync.ts";
import type { NightlyRunId, SyncId } from "./sync.ts";

/**
 * Starts the Nightly Sync of the account: a list sync first, then each eligible group. (product 1.3)
 * @param at the instant that eligibility is judged by; now, unless somebody asks for another
 * @param schedule the due instant it answers; a night has one scheduled run, and a second start finds it and does nothing
 * @returns the run, or undefined when this night was had already
 */
export async function startNightly(
  ctx: AccountContext,
  options: { readonly at?: Temporal.Instant | undefined; readonly dueAt?: Temporal.ZonedDateTime | undefined } = {},
): Promise<NightlyRun | undefined> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await getBridge(tx, ctx);
    const now = ctx.clock.now();
    const judgedAt = options.at ?? now;
    const local = options.dueAt ?? judgedAt.toZonedDateTimeISO(await zoneOf(tx, ctx));
    const trouble = whyNotUsable(bridge);
    if (trouble && !options.dueAt) throw new BridgeNotUsableError(trouble.code, trouble.message, trouble.wayOut);
    const run: NightlyRun = {
      id: newId<NightlyRunId>(),
      bridgeId: bridge.id,
      localDate: local.toPlainDate().toString(),
      dueAt: local.toInstant(),
      startedAt: now,
      judgedAt,
      causedBy: options.dueAt ? "schedule" : ctx.actor,
      state: trouble ? "done" : "listing",
      finishedAt: trouble ? now : null,
      note: trouble?.message ?? null,
    };
    if (!(await insertNightlyRun(tx, ctx.accountId, run))) return undefined;
    if (trouble) return run;
    const { sync } = await requestListSyncIn(tx, ctx, { trigger: "nightly", by: run.causedBy, nightlyRunId: run.id });
    await updateNightlyListSync(tx, ctx.accountId, run.id, sync.id);
    await enqueue(tx, nightlyJob, { accountId: ctx.accountId, runId: run.id }, { key: `nightly:${run.id}` });
    return run;
  });
}

/** Starts the Nightly Sync of every account whose hour has come, or came while the program was down: once. (1.3) */
export async function startDueNightlies(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  for (const bridge of await ctx.db.system(selectActiveBridges)) {
    if (!bridge.nightlyIsOn) continue;
    const own = inAccount(ctx, bridge.accountId, "schedule");
    // One account's trouble is its own: the others have their night.
    await startIfDue(own, bridge, now).catch((error) =>
      own.log.error({ reason: describeError(error) }, "the Nightly Sync could not be started; it is tried again"),
    );
  }
}

async function startIfDue(
  ctx: AccountContext,
  bridge: Awaited<ReturnType<typeof selectActiveBridges>>[number],
  now: Temporal.Instant,
): Promise<void> {
  const due = lastNightlyDue(now.toZonedDateTimeISO(bridge.timeZone), bridge.nightlyHour);
  if (Temporal.Instant.compare(due.toInstant(), bridge.nightlySince) < 0) return;
  const date = due.toPlainDate().toString();
  const isHad = await ctx.db.transaction(ctx.accountId, (tx) =>
    hasScheduledRun(tx, ctx.accountId, bridge.bridgeId, date),
  );
  if (!isHad) await startNightly(ctx, { dueAt: due });
}

/** Takes a run one step on, if its step is done: list read → groups taken → all synced. Safe to call at any time. */
export async function goOnWithNightly(ctx: AccountContext, id: NightlyRunId): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const run = await lockNightlyRun(tx, ctx.accountId, id);
    if (!run || run.state === "done") return;
    const progress = await selectNightlyProgress(tx, ctx.accountId, id);
    if (run.state === "listing") {
      if (progress.listState !== "succeeded" && progress.listState !== "failed" && progress.listState !== "cancelled")
        return;
      await takeGroups(
        tx,
        ctx,
        run,
        progress.listState === "succeeded"
          ? null
          : "The list of target groups could not be read; the groups known so far were synced.",
      );
      return;
    }
    if (!progress.isOpen) await updateNightlyState(tx, ctx.accountId, id, "done", ctx.clock.now(), null);
  });
}

/**
 * Takes every open run of the bridge one step on. Two syncs that end at once may each take the other for open; whoever
 * finds nothing left to run looks again, after the commits.
 */
export async function goOnWithNightlies(ctx: AccountContext, bridge: BridgeId): Promise<void> {
  const open = await ctx.db.transaction(ctx.accountId, (tx) => selectOpenNightlyRunsOf(tx, ctx.accountId, bridge));
  for (const run of open) await goOnWithNightly(ctx, run);
}

/** Judges every group and queues those that are taken, all in the caller's transaction. */
async function takeGroups(tx: Tx, ctx: AccountContext, run: NightlyRun, note: string | null): Promise<void> {
  const bridge = await getBridge(tx, ctx);
  // Like any request: who asks for one of these groups meanwhile waits, and joins.
  await lockBridge(tx, ctx.accountId, bridge.id);
  const trouble = whyNotUsable(bridge);
  const open = await selectOpenGroupSyncs(tx, ctx.accountId, bridge.id);
  const judged = await judgeGroups(tx, ctx, bridge, run.judgedAt);
  const openOf = new Map(open.map((sync) => [sync.groupId, sync.id]));
  const verdicts: GroupVerdict[] = judged.map((verdict) => {
    if (!verdict.isTaken) return { ...verdict, syncId: null };
    if (trouble)
      return { ...verdict, isTaken: false, reason: `${verdict.reason}, but ${trouble.message}`, syncId: null };
    // A sync that waits or runs already is as good as a new one. (1.4)
    return { ...verdict, syncId: openOf.get(verdict.groupId) ?? newId<SyncId>() };
  });
  const isNew = (verdict: GroupVerdict) => verdict.syncId !== null && !openOf.has(verdict.groupId);
  const syncs = verdicts
    .filter(isNew)
    .map((verdict) => ({ id: must(verdict.syncId, "taken"), groupId: verdict.groupId }));
  await insertNightlySyncs(tx, ctx.accountId, run, syncs, priorityOf("nightly"), ctx.clock.now());
  await insertVerdicts(tx, ctx.accountId, run.id, verdicts);
  const isDone = verdicts.every((verdict) => verdict.syncId === null);
  await updateNightlyState(
    tx,
    ctx.accountId,
    run.id,
    isDone ? "done" : "syncing",
    ctx.clock.now(),
    trouble?.message ?? note,
  );
  // One for each session: the end of each sync looks for the next by itself.
  for (let session = 0; session < bridge.settings.sessionLimit; session += 1) {
    await enqueue(
      tx,
      bridgeJob,
      { accountId: ctx.accountId, bridgeId: bridge.id },
      { priority: priorityOf("nightly") },
    );
  }
}

async function judgeGroups(
  tx: Tx,
  ctx: AccountContext,
  bridge: Bridge,
  at: Temporal.Instant,
  group?: GroupId,
): Promise<readonly NamedVerdict[]> {
  const zoned = at.toZonedDateTimeISO(await zoneOf(tx, ctx));
  const held = new Set(
    (await selectOpenGroupSyncs(tx, ctx.accountId, bridge.id))
      .filter((sync) => sync.state === "held")
      .map((sync) => sync.groupId),
  );
  const amsName = connectorOf(ctx, bridge).name;
  const groups = await selectGroupsForNight(tx, ctx.accountId, bridge.id, at, group);
  return groups.map((use: GroupForNight) => ({
    groupId: use.id,
    groupName: use.name,
    ...nightlyVerdict(use, { missingSince: use.missingSince, isHeld: held.has(use.id) }, zoned, amsName),
  }));
}

export interface NamedVerdict extends NightlyVerdict {
  readonly groupId: GroupId;
  readonly groupName: string;
}

/** What a Nightly Sync at that instant would take, and why; nothing is synced. */
export async function previewNightly(ctx: AccountContext, at: Temporal.Instant): Promise<readonly NamedVerdict[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await getBridge(tx, ctx);
    return judgeGroups(tx, ctx, bridge, at);
  });
}

/** Why the next Nightly Sync will or won't take this group, and when that is. (product 1.6) */
export async function findNightlyVerdict(
  ctx: AccountContext,
  groupId: GroupId,
): Promise<NightlyVerdict & { readonly nextAt: Temporal.Instant | null }> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const group = await getTargetGroup(tx, ctx, groupId);
    if (group.kind !== "bridge")
      return { isTaken: false, reason: `a ${group.kind} group has no query to sync with`, nextAt: null };
    const bridge = await getBridge(tx, ctx);
    const trouble = whyNotUsable(bridge);
    if (trouble) return { isTaken: false, reason: trouble.message, nextAt: null };
    if (!bridge.settings.nightlyIsOn)
      return { isTaken: false, reason: "the Nightly Sync is switched off", nextAt: null };
    const next = nextNightlyDue(
      ctx.clock.now().toZonedDateTimeISO(await zoneOf(tx, ctx)),
      bridge.settings.nightlyHour,
    ).toInstant();
    const [verdict] = await judgeGroups(tx, ctx, bridge, next, groupId);
    return { ...must(verdict, "a group has a verdict"), nextAt: next };
  });
}

/** One page of the Nightly Sync's runs, the latest first. */
export function listNightlyRuns(ctx: AccountContext, page: NightlyPage): Promise<readonly NightlyRun[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectNightlyRuns(tx, ctx.accountId, page));
}

/** One run with a verdict for each group, or undefined when the account has no such run. */
export async function findNightlyRun(ctx: AccountContext, id: NightlyRunId) {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const run = await selectNightlyRun(tx, ctx.accountId, id);
    return run && { run, verdicts: await selectVerdicts(tx, ctx.accountId, id) };
  });
}

async function zoneOf(tx: Tx, ctx: AccountContext): Promise<string> {
  return must(await selectAccount(tx, ctx.accountId), "the account of the context exists").timeZone;
}
