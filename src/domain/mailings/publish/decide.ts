import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError, NotFoundError } from "../../../platform/errors.ts";
import { enqueue } from "../../../platform/jobs.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { deleteSyncValues } from "../../syncs/value-store.ts";
import { releaseGroups } from "../../target-groups/record-group-use.ts";
import type { HoldKind, Instance, InstanceState } from "../instance.ts";
import { deliverJob, publishJob } from "../jobs.ts";
import type { InstanceId } from "../mailing.ts";
import { isActive } from "./hold-instance.ts";
import { insertInstanceEvent, lockInstance, selectInstance, updateInstanceState } from "./instance-store.ts";
import { countdownSeconds, isTooLate } from "./publish.rules.ts";
import { startSyncing } from "./start-syncing.ts";
import { findGroupsToSync } from "./sync-audience.ts";
import { selectInstanceSyncs, selectSpentSyncs } from "./sync-store.ts";

/** Says which version of the instance was looked at; another by now is a conflict. Without one, none is asked for. */
export interface Decision {
  readonly version?: number | undefined;
}

/** Nothing more happens, and nobody more is sent to, until it is resumed. (product 4.2) */
export function pauseInstance(ctx: AccountContext, id: InstanceId, decision: Decision): Promise<Instance> {
  return decide(ctx, id, decision, "mailing.pause", async (tx, instance) => {
    if (!isActive(instance.state)) throw notNow(instance, "paused");
    await move(tx, ctx, instance, "paused", "Paused", sql`resumes_in = ${instance.state}`);
  });
}

/** Goes on where it was paused. Groups are brought in step again, unless their audience stands already. */
export function resumeInstance(ctx: AccountContext, id: InstanceId, decision: Decision): Promise<Instance> {
  return decide(ctx, id, decision, "mailing.resume", async (tx, instance) => {
    if (instance.state !== "paused") throw notNow(instance, "resumed");
    await goOnFrom(tx, ctx, instance, "Resumed");
  });
}

/** Nobody more is sent to, for good. In the countdown this undoes the whole publish: no mail leaves. (product 4.2) */
export function cancelInstance(ctx: AccountContext, id: InstanceId, decision: Decision): Promise<Instance> {
  return decide(ctx, id, decision, "mailing.cancel", async (tx, instance) => {
    if (instance.state === "sent" || instance.state === "cancelled") throw notNow(instance, "cancelled");
    const ended = sql`finished_at = ${ctx.clock.now()}, cancelled_by = ${ctx.actor}`;
    await move(tx, ctx, instance, "cancelled", "Cancelled", ended);
    await releaseGroups(tx, ctx, id);
    const syncs = (await selectInstanceSyncs(tx, ctx.accountId, instance)).flatMap(({ syncId }) => syncId ?? []);
    await deleteSyncValues(tx, ctx.accountId, await selectSpentSyncs(tx, ctx.accountId, syncs));
    await wake(tx, ctx, instance);
  });
}

/** Tries again what put it on hold: the syncs from the beginning, or the sending. (product 4.3) */
export function retryInstance(ctx: AccountContext, id: InstanceId, decision: Decision): Promise<Instance> {
  return decide(ctx, id, decision, "mailing.retry", async (tx, instance) => {
    if (instance.state !== "on_hold") throw notNow(instance, "tried again");
    if (instance.resumesIn === "sending") await goOnFrom(tx, ctx, instance, "Tries again");
    else await startSyncing(tx, ctx, instance, "Tries again: brings its groups in step", ctx.actor);
  });
}

const holdsOfSyncs: readonly (HoldKind | null)[] = ["sync_failed", "sync_held"];

/**
 * Sends to the last good audience though a sync failed or is held: an explicit choice, its age shown. (product 4.3)
 * @throws ConflictError when it isn't held for a sync, or a group was never counted
 */
export function useLastGood(ctx: AccountContext, id: InstanceId, decision: Decision): Promise<Instance> {
  return decide(ctx, id, decision, "mailing.use_last_good", async (tx, instance) => {
    if (!holdsOfSyncs.includes(instance.holdKind)) throw notNow(instance, "sent to the last good audience");
    const groups = await findGroupsToSync(tx, ctx, instance);
    const never = groups.find(({ countedAt, deletedAt }) => countedAt === null || deletedAt !== null);
    if (never) {
      throw new ConflictError(
        "no_last_good",
        `'${never.name}' has no last good audience: it was ${never.deletedAt === null ? "never counted" : "deleted"}.`,
        "Try again, or cancel it.",
      );
    }
    const set = sql`may_use_last_good = true, building_at = ${ctx.clock.now()}`;
    await move(tx, ctx, instance, "building", "Goes to the last good audience", set);
    await wake(tx, ctx, instance);
  });
}

/** Says yes to an audience that has grown, with both numbers seen. (product 1.5) */
export function confirmGrowth(ctx: AccountContext, id: InstanceId, decision: Decision): Promise<Instance> {
  return decide(ctx, id, decision, "mailing.confirm_growth", async (tx, instance) => {
    if (instance.holdKind !== "growth") throw notNow(instance, "confirmed: no growth is in question");
    await sql`update mailing_instance set is_growth_confirmed = true, confirmed_recipients = recipients
      where account_id = ${ctx.accountId} and id = ${id}`.execute(tx);
    await goOnFrom(tx, ctx, instance, `Confirms the growth to ${instance.recipients.toLocaleString("en")} people`);
  });
}

/** Back to where it was. An audience that has stood for more than an hour isn't fresh any more: it is synced anew. */
async function goOnFrom(tx: Tx, ctx: AccountContext, instance: Instance, message: string): Promise<void> {
  const now = ctx.clock.now();
  switch (instance.resumesIn) {
    case "scheduled":
      await move(tx, ctx, instance, "scheduled", message);
      return wake(tx, ctx, instance);
    case "sending":
      await move(tx, ctx, instance, "sending", message);
      return enqueue(
        tx,
        deliverJob,
        { accountId: ctx.accountId, instanceId: instance.id },
        { key: `deliver:${instance.id}` },
      );
    case "counting_down":
      if (instance.builtAt && !isTooLate(instance.builtAt, now)) {
        const set = sql`send_from = ${now.add({ seconds: countdownSeconds })}`;
        await move(tx, ctx, instance, "counting_down", message, set);
        return wake(tx, ctx, instance);
      }
      return startSyncing(tx, ctx, instance, `${message}: brings its groups in step again`, ctx.actor);
    default:
      return startSyncing(tx, ctx, instance, `${message}: brings its groups in step again`, ctx.actor);
  }
}

/** Into a state by somebody's decision: what held or paused it is over. */
async function move(
  tx: Tx,
  ctx: AccountContext,
  instance: Instance,
  state: InstanceState,
  message: string,
  also?: RawBuilder<unknown>,
): Promise<void> {
  const cleared = sql`hold_kind = null, hold_message = null, held_at = null, retry_at = null`;
  const left = state === "paused" ? cleared : sql`${cleared}, resumes_in = null`;
  await updateInstanceState(tx, ctx.accountId, instance, state, also ? sql`${left}, ${also}` : left);
  await insertInstanceEvent(tx, ctx.accountId, instance.id, { at: ctx.clock.now(), state, message, by: ctx.actor });
}

const wake = (tx: Tx, ctx: AccountContext, { id }: Instance) =>
  enqueue(tx, publishJob, { accountId: ctx.accountId, instanceId: id }, { key: `publish:${id}` });

/** One decision: under the instance's row, against the version that was seen, into the audit log. */
function decide(
  ctx: AccountContext,
  id: InstanceId,
  { version }: Decision,
  action: string,
  act: (tx: Tx, instance: Instance) => Promise<void>,
): Promise<Instance> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const instance = await lockInstance(tx, ctx.accountId, id);
    if (!instance) throw new NotFoundError("publishing", id);
    if (version !== undefined && version !== instance.version) {
      throw new ConflictError(
        "edited_meanwhile",
        "It has gone on, or somebody decided something, after you looked at it.",
        "Look at it again, then decide.",
      );
    }
    await act(tx, instance);
    await recordChange(tx, ctx, action, instance.name, {
      instance: id,
      mailing: instance.mailingId,
      was: instance.state,
    });
    return (await selectInstance(tx, ctx.accountId, id)) ?? instance;
  });
}

function notNow({ state }: Instance, done: string): ConflictError {
  return new ConflictError("not_in_this_state", `It is ${stateWords[state]}, so it can't be ${done}.`);
}

const stateWords: Readonly<Record<InstanceState, string>> = {
  scheduled: "scheduled",
  syncing: "syncing its groups",
  building: "building its audience",
  counting_down: "about to be sent",
  sending: "being sent",
  paused: "paused",
  on_hold: "on hold",
  sent: "sent",
  cancelled: "cancelled",
};
