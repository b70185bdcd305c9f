import { sql } from "kysely";
import { crashPoint } from "../../../platform/crash-point.ts";
import type { Tx } from "../../../platform/database/database.ts";
import { unreachable } from "../../../platform/errors.ts";
import { enqueue } from "../../../platform/jobs.ts";
import { selectAccount } from "../../accounts/store.ts";
import type { AccountContext } from "../../context.ts";
import type { SyncId } from "../../syncs/sync.ts";
import { releaseGroups } from "../../target-groups/record-group-use.ts";
import type { Instance } from "../instance.ts";
import { deliverJob, publishJob } from "../jobs.ts";
import type { InstanceId } from "../mailing.ts";
import { buildAudience } from "./build-audience.ts";
import { cancelLeft } from "./cancel-store.ts";
import { holdInstance } from "./hold-instance.ts";
import { insertInstanceEvent, lockInstance, updateInstanceState } from "./instance-store.ts";
import { isTooLate } from "./publish.rules.ts";
import { startSyncing } from "./start-syncing.ts";
import { syncAudience } from "./sync-audience.ts";
import { selectWaitingFor } from "./sync-store.ts";

/**
 * Takes an instance on, step by step, as far as it goes now: scheduled → syncing → building → counting down → sending.
 * What is left to do it finds out from the rows, under the instance's own: safe to call at any time, from any process,
 * and again after a crash. (product 4.2)
 */
export async function goOnWithInstance(ctx: AccountContext, id: InstanceId): Promise<void> {
  let hasMoved = true;
  while (hasMoved) {
    hasMoved = await ctx.db.transaction(ctx.accountId, (tx) => takeStep(tx, ctx, id));
    crashPoint("publish.after_step");
  }
}

/** Takes on whoever waits for a sync that has ended, or is held. */
export async function goOnAfterSync(ctx: AccountContext, sync: SyncId): Promise<void> {
  const waiting = await ctx.db.transaction(ctx.accountId, (tx) => selectWaitingFor(tx, ctx.accountId, sync));
  for (const id of waiting) await goOnWithInstance(ctx, id);
}

/** @returns whether there may be another step to take at once */
async function takeStep(tx: Tx, ctx: AccountContext, id: InstanceId): Promise<boolean> {
  const instance = await lockInstance(tx, ctx.accountId, id);
  if (!instance || (await selectAccount(tx, ctx.accountId))?.suspendedAt) return false;
  switch (instance.state) {
    case "scheduled":
      return begin(tx, ctx, instance);
    case "syncing":
      return syncAudience(tx, ctx, instance);
    case "building":
      return buildAudience(tx, ctx, instance);
    case "counting_down":
      return startSending(tx, ctx, instance);
    case "cancelled":
      return cancelLeft(tx, ctx.accountId, id);
    case "sending":
    case "paused":
    case "on_hold":
    case "sent":
      return false;
    default:
      return unreachable(instance.state);
  }
}

async function begin(tx: Tx, ctx: AccountContext, instance: Instance): Promise<boolean> {
  const now = ctx.clock.now();
  if (Temporal.Instant.compare(now, instance.dueAt) < 0) return comeBack(tx, ctx, instance, instance.dueAt);
  if (isTooLate(instance.dueAt, now)) {
    const message =
      "Its time passed more than 60 minutes ago while nothing ran here, so it was not begun by itself. Send it now, or cancel it.";
    await holdInstance(tx, ctx, instance.id, "too_late", message);
    return false;
  }
  await startSyncing(tx, ctx, instance, "Brings its groups in step", null);
  return true;
}

/** The countdown is over: whoever would undo it has had the time. */
async function startSending(tx: Tx, ctx: AccountContext, instance: Instance): Promise<boolean> {
  const now = ctx.clock.now();
  const sendFrom = instance.sendFrom ?? now;
  if (Temporal.Instant.compare(now, sendFrom) < 0) return comeBack(tx, ctx, instance, sendFrom);
  if (isTooLate(sendFrom, now)) {
    const message =
      "Sending should have begun more than 60 minutes ago, while nothing ran here: its groups may be out of step by now. Bring them in step and send it, or cancel it.";
    await holdInstance(tx, ctx, instance.id, "too_late", message);
    return false;
  }
  await updateInstanceState(tx, ctx.accountId, instance, "sending", sql`sending_at = coalesce(sending_at, ${now})`);
  await releaseGroups(tx, ctx, instance.id);
  await insertInstanceEvent(tx, ctx.accountId, instance.id, {
    at: now,
    state: "sending",
    message: `Sends to ${instance.recipients.toLocaleString("en")} people`,
    by: null,
  });
  await enqueue(
    tx,
    deliverJob,
    { accountId: ctx.accountId, instanceId: instance.id },
    { key: `deliver:${instance.id}` },
  );
  crashPoint("publish.before_sending");
  return false;
}

/** Has the job look again at that instant. */
async function comeBack(tx: Tx, ctx: AccountContext, instance: Instance, at: Temporal.Instant): Promise<false> {
  const job = { accountId: ctx.accountId, instanceId: instance.id };
  await enqueue(tx, publishJob, job, { key: `publish:${instance.id}`, runAt: at });
  return false;
}
