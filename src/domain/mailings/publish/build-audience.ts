import { sql } from "kysely";
import { crashPoint } from "../../../platform/crash-point.ts";
import type { Tx } from "../../../platform/database/database.ts";
import { enqueue } from "../../../platform/jobs.ts";
import type { AccountContext } from "../../context.ts";
import { findErased } from "../../subscribers/erased.ts";
import type { SyncId } from "../../syncs/sync.ts";
import { deleteSyncValues } from "../../syncs/value-store.ts";
import type { Instance } from "../instance.ts";
import { publishJob } from "../jobs.ts";
import { type AudienceCounts, deleteFrozen, freezeAudience, selectErasedMembers } from "./audience-store.ts";
import { describeGrowth } from "./describe-growth.ts";
import { type Baseline, growthToConfirm } from "./growth.rules.ts";
import { holdInstance } from "./hold-instance.ts";
import { insertInstanceEvent, updateInstanceState } from "./instance-store.ts";
import { findAudienceRules, findBaselines } from "./measure-audience.ts";
import { countdownSeconds } from "./publish.rules.ts";
import { selectInstanceAudience } from "./publish-store.ts";
import { selectInstanceSyncs, selectSpentSyncs } from "./sync-store.ts";

/**
 * Freezes who gets it, with their values, and who doesn't and why, all in one transaction; then the countdown begins.
 * Nobody to send to, or suspiciously many, puts it on hold. (product 4.2, 1.5)
 * @returns whether there is another step to take at once
 */
export async function buildAudience(tx: Tx, ctx: AccountContext, instance: Instance): Promise<boolean> {
  const { accountId } = ctx;
  const audience = await selectInstanceAudience(tx, accountId, instance.id);
  const syncs = await goodSyncs(tx, ctx, instance);
  await deleteFrozen(tx, accountId, instance.id);
  const rules = await findAudienceRules(tx, ctx, audience);
  const erased = await selectErasedMembers(tx, accountId, rules, await findErased(tx, ctx));
  const values = { fields: instance.content.fields, syncs };
  const counts = await freezeAudience(tx, accountId, instance, rules, values, erased);
  crashPoint("publish.in_freeze");
  if (counts.recipients === 0) {
    // Who is left out can be looked at.
    await sql`update mailing_instance set audience = ${counts.audience}, recipients = 0, excluded = ${counts.audience},
      built_at = ${ctx.clock.now()} where account_id = ${accountId} and id = ${instance.id}`.execute(tx);
    await holdInstance(tx, ctx, instance.id, "nobody", describeNobody(counts));
    return false;
  }
  await startCountdown(tx, ctx, instance, counts);
  await deleteSyncValues(tx, accountId, await selectSpentSyncs(tx, accountId, syncs));
  const growth = await findGrowth(tx, ctx, instance, audience, counts.recipients);
  if (growth) await holdInstance(tx, ctx, instance.id, "growth", `${describeGrowth(growth)} Confirm it, or cancel it.`);
  crashPoint("publish.after_freeze");
  return growth === null;
}

async function goodSyncs(tx: Tx, ctx: AccountContext, instance: Instance): Promise<readonly SyncId[]> {
  const syncs = await selectInstanceSyncs(tx, ctx.accountId, instance);
  return syncs.flatMap(({ syncId, state }) => (syncId !== null && state === "succeeded" ? [syncId] : []));
}

function findGrowth(
  tx: Tx,
  ctx: AccountContext,
  instance: Instance,
  audience: Awaited<ReturnType<typeof selectInstanceAudience>>,
  recipients: number,
): Promise<Baseline | null> {
  const { confirmedRecipients, isGrowthConfirmed } = instance;
  const measured = { own: instance.id, now: recipients, before: instance.syncingAt ?? instance.publishedAt };
  return findBaselines(tx, ctx, { id: instance.mailingId, audience }, measured).then((found) => {
    const seen: readonly Baseline[] =
      confirmedRecipients === null ? [] : [{ people: confirmedRecipients, now: recipients, source: "confirmed" }];
    return growthToConfirm([...found, ...seen], recipients, isGrowthConfirmed ? confirmedRecipients : null);
  });
}

async function startCountdown(
  tx: Tx,
  ctx: AccountContext,
  instance: Instance,
  { audience, recipients }: AudienceCounts,
): Promise<void> {
  const now = ctx.clock.now();
  const sendFrom = now.add({ seconds: countdownSeconds });
  await updateInstanceState(
    tx,
    ctx.accountId,
    instance,
    "counting_down",
    sql`audience = ${audience}, recipients = ${recipients}, excluded = ${audience - recipients}, built_at = ${now}, send_from = ${sendFrom}`,
  );
  await insertInstanceEvent(tx, ctx.accountId, instance.id, {
    at: now,
    state: "counting_down",
    message: `The audience stands: ${recipients.toLocaleString("en")} people of ${audience.toLocaleString("en")}. Sending starts in ${countdownSeconds} s`,
    by: null,
  });
  const job = { accountId: ctx.accountId, instanceId: instance.id };
  await enqueue(tx, publishJob, job, { key: `publish:${instance.id}`, runAt: sendFrom });
}

function describeNobody({ audience }: AudienceCounts): string {
  return audience === 0
    ? "There is nobody in the groups to send to. Look at the groups, then try again."
    : `All ${audience.toLocaleString("en")} people of the audience are left out. See who and why under Left out, then try again.`;
}
