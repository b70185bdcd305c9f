import { sql } from "kysely";
import type { FieldName } from "../../../connectors/connector.ts";
import { crashPoint } from "../../../platform/crash-point.ts";
import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError, NotFoundError } from "../../../platform/errors.ts";
import { enqueue } from "../../../platform/jobs.ts";
import { selectFields } from "../../bridges/field-store.ts";
import { selectBridge } from "../../bridges/store.ts";
import type { AccountContext } from "../../context.ts";
import { requestSubscriberSyncIn } from "../../syncs/request-sync.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { TargetGroup } from "../../target-groups/target-group.ts";
import type { Instance } from "../instance.ts";
import { publishJob } from "../jobs.ts";
import { holdInstance } from "./hold-instance.ts";
import { insertInstanceEvent, updateInstanceState } from "./instance-store.ts";
import { findAudienceRules, leavesOf } from "./measure-audience.ts";
import { type GroupStanding, isTooLate, judgeRound, nextTryAt } from "./publish.rules.ts";
import { selectInstanceAudience } from "./publish-store.ts";
import { type InstanceSync, insertInstanceSync, selectInstanceSyncs } from "./sync-store.ts";

/**
 * Brings every bridge group of the audience in step, exclusions and what is inside compounds too, at any depth: asks for
 * the syncs, waits for them, has failed ones tried again, and stops at a held one. (product 1.3 publish, 1.5, 4.3)
 * @returns whether there is another step to take at once
 */
export async function syncAudience(tx: Tx, ctx: AccountContext, instance: Instance): Promise<boolean> {
  const groups = await findGroupsToSync(tx, ctx, instance);
  const gone = groups.find(({ deletedAt, missingSince }) => deletedAt !== null || missingSince !== null);
  if (gone) {
    await holdInstance(tx, ctx, instance.id, "sync_failed", whyGone(gone));
    return false;
  }
  const now = ctx.clock.now();
  const isRetry = instance.syncRound > instance.firstSyncRound;
  const syncs = await selectInstanceSyncs(tx, ctx.accountId, instance);
  const standings = groups.map((group) => standingOf(instance, group, syncs));
  const round = judgeRound(standings);
  switch (round.verdict) {
    case "ask": {
      const { retryAt } = instance;
      if (isRetry && retryAt && !syncs.some(({ round: asked }) => asked === instance.syncRound)) {
        if (Temporal.Instant.compare(now, retryAt) < 0) return comeBack(tx, ctx, instance, retryAt);
        if (isTooLate(retryAt, now)) {
          await holdInstance(tx, ctx, instance.id, "too_late", tooLate);
          return false;
        }
      }
      await ask(
        tx,
        ctx,
        instance,
        groups.filter((_, at) => standings[at]?.state === "not_asked"),
      );
      crashPoint("publish.after_request");
      return true;
    }
    case "wait":
      return false;
    case "fresh":
      await moveOn(
        tx,
        ctx,
        instance,
        groups.length === 0 ? "No group has a query to sync with" : "All groups are in step",
      );
      crashPoint("publish.after_syncs");
      return true;
    case "held":
      await holdInstance(
        tx,
        ctx,
        instance.id,
        "sync_held",
        `A sync is held, so nothing is sent. ${round.message}. Apply or discard it, then try again.`,
      );
      return false;
    case "failed":
      return tryAgain(tx, ctx, instance, round.message);
  }
}

const tooLate =
  "Its groups should have been synced more than 60 minutes ago, while nothing ran here. Try again, or cancel it.";

/** Every bridge group that takes part in the audience. */
export async function findGroupsToSync(
  tx: Tx,
  ctx: AccountContext,
  instance: Pick<Instance, "id">,
): Promise<readonly TargetGroup[]> {
  const rules = await findAudienceRules(tx, ctx, await selectInstanceAudience(tx, ctx.accountId, instance.id));
  const found = await selectGroups(tx, ctx.accountId, leavesOf([...rules.to, ...rules.notTo]));
  return [...found.values()].filter(({ kind }) => kind === "bridge").toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function whyGone({ name, deletedAt }: TargetGroup): string {
  return deletedAt !== null
    ? `'${name}' has been deleted, so its people can't be brought in step. Bring it back, then try again.`
    : `'${name}' is missing in the AMS, so its people can't be brought in step. Bring its query back there and refresh the list, then try again; or take it out of the audience and publish anew.`;
}

/** A group is fresh if any sync since this series began succeeded; else its last round counts. */
function standingOf(instance: Instance, group: TargetGroup, syncs: readonly InstanceSync[]): GroupStanding {
  const own = syncs.filter(({ groupId }) => groupId === group.id);
  const is = (state: GroupStanding["state"], reason: string | null = null) => ({
    groupName: group.name,
    state,
    reason,
  });
  if (own.some(({ state }) => state === "succeeded")) return is("fresh");
  const last = own.find(({ round }) => round === instance.syncRound);
  if (!last) return is("not_asked");
  if (last.state === "held") return is("held", last.heldReason);
  if (last.state === "failed") return is("failed", last.errorMessage);
  if (last.state === "cancelled") return is("failed", `its sync was cancelled by ${last.cancelledBy ?? "somebody"}`);
  return last.state === null ? is("failed", last.reason) : is("open");
}

/** Asks for a sync of each; where the bridge can't be used, the reason stands in the sync's place. */
async function ask(tx: Tx, ctx: AccountContext, instance: Instance, groups: readonly TargetGroup[]): Promise<void> {
  const extraFields = await findFieldsToRead(tx, ctx, instance);
  const cause = { trigger: "publish", by: instance.publishedBy } as const;
  for (const { id } of groups) {
    try {
      const { sync } = await requestSubscriberSyncIn(tx, ctx, id, cause, { extraFields });
      await insertInstanceSync(tx, ctx.accountId, instance, id, { syncId: sync.id });
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error;
      await insertInstanceSync(tx, ctx.accountId, instance, id, { reason: error.message });
    }
  }
}

/** Fields that the mailing asks for and that aren't kept: their values are read for it alone. (product 2.5) */
async function findFieldsToRead(tx: Tx, ctx: AccountContext, { content }: Instance): Promise<readonly FieldName[]> {
  if (content.fields.length === 0) return [];
  const bridge = await selectBridge(tx, ctx.accountId);
  if (!bridge) return [];
  const fields = await selectFields(tx, ctx.accountId, bridge.id);
  return fields.filter(({ name, isKept }) => !isKept && content.fields.includes(name)).map(({ name }) => name);
}

async function moveOn(tx: Tx, ctx: AccountContext, instance: Instance, message: string): Promise<void> {
  const now = ctx.clock.now();
  await updateInstanceState(tx, ctx.accountId, instance, "building", sql`building_at = ${now}, retry_at = null`);
  await insertInstanceEvent(tx, ctx.accountId, instance.id, { at: now, state: "building", message, by: null });
}

async function tryAgain(tx: Tx, ctx: AccountContext, instance: Instance, reasons: string): Promise<boolean> {
  const now = ctx.clock.now();
  const tries = instance.syncRound - instance.firstSyncRound + 1;
  const retryAt = nextTryAt(tries, instance.retryAt, now);
  if (retryAt === null) {
    const message = `A sync failed, and failed again 15 and 30 minutes later, so nothing is sent. ${reasons}. Try again, or send to the last good audience.`;
    await holdInstance(tx, ctx, instance.id, "sync_failed", message);
    return false;
  }
  await updateInstanceState(
    tx,
    ctx.accountId,
    instance,
    "syncing",
    sql`sync_round = sync_round + 1, retry_at = ${retryAt}`,
  );
  const minutes = Math.round(retryAt.since(now).total("minutes"));
  await insertInstanceEvent(tx, ctx.accountId, instance.id, {
    at: now,
    state: "syncing",
    message: `A sync failed; tried again ${minutes === 0 ? "at once" : `in ${minutes} minutes`}. ${reasons}`,
    by: null,
  });
  return comeBack(tx, ctx, instance, retryAt);
}

async function comeBack(tx: Tx, ctx: AccountContext, instance: Instance, at: Temporal.Instant): Promise<boolean> {
  const job = { accountId: ctx.accountId, instanceId: instance.id };
  await enqueue(tx, publishJob, job, { key: `publish:${instance.id}`, runAt: at });
  return Temporal.Instant.compare(at, ctx.clock.now()) <= 0;
}
