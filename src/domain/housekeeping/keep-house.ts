import { crashPoint } from "../../platform/crash-point.ts";
import { describeError, must } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import type { Account } from "../accounts/account.ts";
import { getAccount } from "../accounts/change-account.ts";
import { recordChange } from "../accounts/record-change.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import { lastNightlyDue } from "../target-groups/nightly.rules.ts";
import type { HousekeepingRun, HousekeepingRunId } from "./housekeeping.ts";
import { type Step, steps } from "./steps.ts";
import {
  addToRun,
  claimRun,
  endRun,
  insertRun,
  type NightOwner,
  type RunPage,
  selectNightOwners,
  selectOpenRun,
  selectRuns,
  selectRunsWithoutProcess,
  updateRunFailed,
} from "./store.ts";

/** Of accounts without a bridge. */
const usualHour = 3;

/**
 * Removes what accounts don't keep any longer: once a night for each, at the hour of its Nightly Sync by its own clock,
 * however many processes ask; and what somebody asked for. A killed process's run is gone on with by the next.
 */
export async function keepHouse(ctx: Context, processId: string, signal?: AbortSignal): Promise<void> {
  for (const owner of await ctx.db.system((tx) => selectNightOwners(tx, usualHour))) await beginIfDue(ctx, owner);
  for (const { accountId, id } of await ctx.db.system(selectRunsWithoutProcess)) {
    if (signal?.aborted) return;
    const own = inAccount(ctx, accountId, "schedule");
    if (await own.db.transaction(accountId, (tx) => claimRun(tx, accountId, id, processId, ctx.clock.now())))
      await work(own, id, processId, signal);
  }
}

async function beginIfDue(ctx: Context, { accountId, timeZone, hour, createdAt, lastDate }: NightOwner): Promise<void> {
  const due = lastNightlyDue(ctx.clock.now().toZonedDateTimeISO(timeZone), hour);
  const localDate = due.toPlainDate().toString();
  if (lastDate !== null && lastDate >= localDate) return;
  if (Temporal.Instant.compare(due.toInstant(), createdAt) < 0) return;
  await ctx.db.transaction(accountId, (tx) => insertRun(tx, accountId, newRun(ctx, localDate, "schedule")));
}

function newRun(ctx: Context, localDate: string, causedBy: string): HousekeepingRun {
  const none = { startedAt: null, finishedAt: null, workedMs: 0, removed: {}, errors: {} };
  return { id: newId<HousekeepingRunId>(), localDate, causedBy, askedAt: ctx.clock.now(), ...none };
}

/** Asks for the housekeeping now; a worker does it within a minute. @returns the run, or the one that is open already */
export async function requestHousekeeping(ctx: AccountContext): Promise<HousekeepingRun> {
  const { timeZone, name } = await getAccount(ctx);
  const localDate = ctx.clock.now().toZonedDateTimeISO(timeZone).toPlainDate().toString();
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const run = newRun(ctx, localDate, ctx.actor);
    if (!(await insertRun(tx, ctx.accountId, run)))
      return must(await selectOpenRun(tx, ctx.accountId), "another one is open");
    await recordChange(tx, ctx, "housekeeping.run", name);
    return run;
  });
}

/** One page of runs, the latest first. */
export function listHousekeeping(ctx: AccountContext, page: RunPage): Promise<readonly HousekeepingRun[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectRuns(tx, ctx.accountId, page));
}

async function work(ctx: AccountContext, id: HousekeepingRunId, processId: string, signal?: AbortSignal) {
  const account = await getAccount(ctx);
  for (const step of steps) {
    const isOver = await takeStep(ctx, account, step, { id, processId, signal });
    if (!isOver) return;
  }
  await ctx.db.transaction(ctx.accountId, (tx) => endRun(tx, ctx.accountId, id, ctx.clock.now()));
}

interface Turn {
  readonly id: HousekeepingRunId;
  readonly processId: string;
  readonly signal: AbortSignal | undefined;
}

/** Batch by batch, each a commit. @returns false when the process stops, or another one has the run */
async function takeStep(
  ctx: AccountContext,
  account: Account,
  step: Step,
  { id, processId, signal }: Turn,
): Promise<boolean> {
  const { accountId } = ctx;
  try {
    for (let isMore = true; isMore; ) {
      if (signal?.aborted) return false;
      const began = ctx.clock.monotonicMs();
      const batch = await ctx.db.transaction(accountId, async (tx) => {
        const done = await step.run(tx, ctx, account);
        const isOurs = await addToRun(tx, accountId, id, processId, done, ctx.clock.monotonicMs() - began);
        if (!isOurs) throw new RunLostError();
        return done;
      });
      crashPoint("housekeeping.after_batch");
      isMore = batch.isMore;
    }
  } catch (error) {
    if (error instanceof RunLostError) return false;
    // One step's trouble is its own.
    const reason = describeError(error);
    ctx.log.error({ step: step.name, reason }, "a step of the housekeeping failed; the next night tries again");
    await ctx.db.transaction(accountId, (tx) => updateRunFailed(tx, accountId, id, step.name, reason));
  }
  return true;
}

class RunLostError extends Error {}
