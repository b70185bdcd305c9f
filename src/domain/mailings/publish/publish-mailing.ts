import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError } from "../../../platform/errors.ts";
import { newId } from "../../../platform/ids.ts";
import { enqueue } from "../../../platform/jobs.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { recordGroupUse } from "../../target-groups/record-group-use.ts";
import { selectGroups } from "../../target-groups/store.ts";
import { checkContent } from "../content/check-content.ts";
import { checkSurroundings } from "../content/check-mailing.ts";
import type { Compiled } from "../content/compile-content.ts";
import { compileWith, findMaterial, freezeContent, isSameMaterial, type Material } from "../content/freeze-content.ts";
import { getMailing } from "../content/get-mailing.ts";
import type { FrozenContent } from "../frozen-content.ts";
import type { Instance } from "../instance.ts";
import { publishJob } from "../jobs.ts";
import type { Check, InstanceId, Mailing, MailingId } from "../mailing.ts";
import { keepPublished } from "../versions/keep-version.ts";
import { describeGrowth } from "./describe-growth.ts";
import { getInstance } from "./get-instance.ts";
import { type Baseline, growthToConfirm } from "./growth.rules.ts";
import { insertInstanceEvent } from "./instance-store.ts";
import { countIn, findAudienceRules, findBaselines, leavesOf } from "./measure-audience.ts";
import { insertInstance, lockMailing, selectByKey, selectOpenInstance, selectOpenTracking } from "./publish-store.ts";
import { refusePast, refuseUnpublishable, refuseUnready } from "./refuse-publishing.ts";

/** What a press of Publish says. */
export interface Publishing {
  /** The mailing's version that the publisher saw. */
  readonly version: number;
  /** When it shall begin; now, where none is given. */
  readonly dueAt?: Temporal.Instant | undefined;
  /** How many people the publisher saw that it goes to. */
  readonly recipients?: number | undefined;
  readonly isGrowthConfirmed?: boolean | undefined;
  /** The caller's own name for this press: sent again, it finds what it began, even when that is over. */
  readonly idempotencyKey?: string | undefined;
}

export interface PublishAnswer {
  readonly instance: Instance;
  /** Found: it was under way already, by an earlier press. */
  readonly answer: "published" | "found";
}

/** The audience has grown so much that the publisher must say yes to both numbers. (product 1.5) */
export class GrowthError extends ConflictError {
  readonly growth: Baseline;

  constructor(growth: Baseline) {
    super(
      "growth",
      describeGrowth(growth),
      "Look at its groups; if it shall be so, publish again and confirm the growth.",
    );
    this.growth = growth;
  }
}

/**
 * Publishes a mailing, now or at a time: the only door. What is sent, and to which groups, stands from here on; the rest
 * is the job's. It is compiled before its row is held, which would let every editor wait. Presses of one mailing go one
 * by one through its row: a second finds what the first began. (product 4.2)
 * @throws NotFoundError when there is no such mailing
 * @throws ConflictError when it isn't ready, was edited meanwhile, or is a template; GrowthError when a growth must be confirmed
 */
export async function publishMailing(
  ctx: AccountContext,
  id: MailingId,
  publishing: Publishing,
): Promise<PublishAnswer> {
  for (;;) {
    const seen = await ctx.db.transaction(ctx.accountId, (tx) => lookAt(tx, ctx, id, publishing));
    if ("answer" in seen) return seen;
    const ready = { ...seen, compiled: await compileWith(seen.mailing, seen.material) };
    const checks = checkContent(ready.mailing, ready.compiled);
    const press = (tx: Tx) => publishCompiled(tx, ctx, { ...ready, checks }, publishing);
    const answer = await ctx.db.transaction(ctx.accountId, press);
    if (answer) return answer;
  }
}

/** What a press finds: a publishing that is under way, or a mailing to be compiled. */
async function lookAt(
  tx: Tx,
  ctx: AccountContext,
  id: MailingId,
  publishing: Publishing,
): Promise<PublishAnswer | { readonly mailing: Mailing; readonly material: Material }> {
  const mailing = await getMailing(tx, ctx, id);
  const begun = (await findByKey(tx, ctx, id, publishing)) ?? (await selectOpenInstance(tx, ctx.accountId, id));
  if (begun) return { instance: await getInstance(tx, ctx, begun), answer: "found" };
  refuseUnpublishable(mailing, publishing.version);
  refusePast(publishing.dueAt, ctx.clock.now());
  return { mailing, material: await findMaterial(tx, ctx, mailing) };
}

interface Ready {
  readonly mailing: Mailing;
  readonly material: Material;
  readonly compiled: Compiled;
  readonly checks: readonly Check[];
}

/** @returns null when what it was compiled with has changed meanwhile: it is compiled anew, and asked again */
async function publishCompiled(
  tx: Tx,
  ctx: AccountContext,
  ready: Ready,
  publishing: Publishing,
): Promise<PublishAnswer | null> {
  const { id } = ready.mailing;
  await lockMailing(tx, ctx.accountId, id);
  const seen = await lookAt(tx, ctx, id, publishing);
  if ("answer" in seen) return seen;
  // It has the version that was compiled: another one was refused.
  if (!isSameMaterial(seen.material, ready.material)) return null;
  refuseUnready([...(await checkSurroundings(tx, ctx, seen.mailing)), ...ready.checks]);
  const recipients = await confirmAudience(tx, ctx, seen.mailing, publishing);
  const content = freezeContent(ready.compiled);
  return { instance: await makeInstance(tx, ctx, { ...seen, content }, publishing, recipients), answer: "published" };
}

/** @throws ConflictError when the key came with another request before */
async function findByKey(
  tx: Tx,
  ctx: AccountContext,
  id: MailingId,
  publishing: Publishing,
): Promise<InstanceId | undefined> {
  if (publishing.idempotencyKey === undefined) return undefined;
  const known = await selectByKey(tx, ctx.accountId, id, publishing.idempotencyKey);
  if (known && known.request !== requestOf(publishing)) {
    throw new ConflictError(
      "idempotency_key_reused",
      "This Idempotency-Key came with another request before.",
      "Take a new key for a new request.",
    );
  }
  return known?.id;
}

/** What a press says, in one form. */
function requestOf({ version, dueAt, recipients, isGrowthConfirmed }: Publishing): string {
  return JSON.stringify([version, dueAt?.toString() ?? null, recipients ?? null, isGrowthConfirmed ?? null]);
}

/**
 * @returns how many it goes to by what is known now; null while one of its groups was never counted
 * @throws GrowthError when they are suspiciously many
 */
async function confirmAudience(
  tx: Tx,
  ctx: AccountContext,
  mailing: Mailing,
  { recipients: seen, isGrowthConfirmed }: Publishing,
): Promise<number | null> {
  const rules = await findAudienceRules(tx, ctx, mailing.audience);
  const { recipients } = await countIn(tx, ctx, mailing, rules);
  const measured = { own: null, now: recipients, before: ctx.clock.now() };
  const baselines = [...(await findBaselines(tx, ctx, mailing, measured))];
  if (seen !== undefined) baselines.push({ people: seen, now: recipients, source: "confirmed" });
  const growth = growthToConfirm(baselines, recipients, isGrowthConfirmed ? (seen ?? recipients) : null);
  if (growth) throw new GrowthError(growth);
  const groups = await selectGroups(tx, ctx.accountId, leavesOf(rules.to));
  return [...groups.values()].every(({ countedAt }) => countedAt !== null) ? recipients : null;
}

async function makeInstance(
  tx: Tx,
  ctx: AccountContext,
  { mailing, content }: { readonly mailing: Mailing; readonly content: FrozenContent },
  publishing: Publishing,
  confirmedRecipients: number | null,
): Promise<Instance> {
  const { dueAt, isGrowthConfirmed = false, idempotencyKey } = publishing;
  const now = ctx.clock.now();
  const id = newId<InstanceId>();
  const { to, notTo } = mailing.audience;
  await insertInstance(tx, ctx.accountId, {
    id,
    mailing,
    content,
    openTracking: await selectOpenTracking(tx, ctx.accountId),
    publishedAt: now,
    publishedBy: ctx.actor,
    ownerId: ctx.userId ?? mailing.ownerId,
    dueAt: dueAt ?? now,
    isGrowthConfirmed,
    confirmedRecipients,
    key: idempotencyKey === undefined ? null : { name: idempotencyKey, request: requestOf(publishing) },
  });
  await recordGroupUse(tx, ctx, id, [
    ...to.map((groupId) => ({ groupId, usedAs: "audience" as const })),
    ...notTo.map((groupId) => ({ groupId, usedAs: "exclusion" as const })),
  ]);
  await keepPublished(tx, ctx, mailing);
  const message = dueAt ? "Published, to begin at its time" : "Published";
  await insertInstanceEvent(tx, ctx.accountId, id, { at: now, state: "scheduled", message, by: ctx.actor });
  await recordChange(tx, ctx, "mailing.publish", mailing.name, {
    mailing: mailing.id,
    instance: id,
    recipients: confirmedRecipients,
    dueAt: (dueAt ?? now).toString(),
    isGrowthConfirmed,
  });
  await enqueue(
    tx,
    publishJob,
    { accountId: ctx.accountId, instanceId: id },
    { key: `publish:${id}`, ...(dueAt && { runAt: dueAt }) },
  );
  ctx.db.afterCommit(tx, () => ctx.log.info({ instance: id, mailing: mailing.id }, "published a mailing"));
  return getInstance(tx, ctx, id);
}
