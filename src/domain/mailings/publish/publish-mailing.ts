import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError, InvalidInputError } from "../../../platform/errors.ts";
import { newId } from "../../../platform/ids.ts";
import { enqueue } from "../../../platform/jobs.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { recordGroupUse } from "../../target-groups/record-group-use.ts";
import { selectGroups } from "../../target-groups/store.ts";
import { checkMailing } from "../content/check-mailing.ts";
import { freezeContent } from "../content/freeze-content.ts";
import { getMailing } from "../content/get-mailing.ts";
import type { Instance } from "../instance.ts";
import { publishJob } from "../jobs.ts";
import type { InstanceId, Mailing, MailingId } from "../mailing.ts";
import { describeGrowth } from "./describe-growth.ts";
import { getInstance } from "./get-instance.ts";
import { type Baseline, growthToConfirm } from "./growth.rules.ts";
import { insertInstanceEvent } from "./instance-store.ts";
import { countIn, findAudienceRules, findBaselines, leavesOf } from "./measure-audience.ts";
import { insertInstance, lockMailing, selectByKey, selectOpenInstance, selectOpenTracking } from "./publish-store.ts";

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
 * is the job's. Presses of one mailing go one by one through its row: a second finds what the first began. (product 4.2)
 * @throws NotFoundError when there is no such mailing
 * @throws ConflictError when it isn't ready, was edited meanwhile, or is a template; GrowthError when a growth must be confirmed
 */
export function publishMailing(ctx: AccountContext, id: MailingId, publishing: Publishing): Promise<PublishAnswer> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await lockMailing(tx, ctx.accountId, id);
    const mailing = await getMailing(tx, ctx, id);
    const begun = (await findByKey(tx, ctx, id, publishing)) ?? (await selectOpenInstance(tx, ctx.accountId, id));
    if (begun) return { instance: await getInstance(tx, ctx, begun), answer: "found" };
    refuseUnpublishable(mailing, publishing.version);
    refusePast(publishing.dueAt, ctx.clock.now());
    await refuseUnready(tx, ctx, mailing);
    const recipients = await confirmAudience(tx, ctx, mailing, publishing);
    return { instance: await makeInstance(tx, ctx, mailing, publishing, recipients), answer: "published" };
  });
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

function refuseUnpublishable(mailing: Mailing, version: number): void {
  if (mailing.isTemplate)
    throw new ConflictError("is_template", "A template isn't published.", "Make a mailing of it, and publish that.");
  if (mailing.archivedAt)
    throw new ConflictError("archived", "This mailing is archived.", "Take it out of the archive first.");
  if (mailing.version !== version) {
    throw new ConflictError(
      "edited_meanwhile",
      "Somebody changed this mailing after you looked at it.",
      "Look at it again, then publish.",
    );
  }
}

const yearsAhead = 1;

function refusePast(dueAt: Temporal.Instant | undefined, now: Temporal.Instant): void {
  if (dueAt === undefined) return;
  if (Temporal.Instant.compare(dueAt, now) < 0)
    throw new InvalidInputError([{ path: "dueAt", message: "has passed; leave it out to publish now" }]);
  const latest = now.toZonedDateTimeISO("UTC").add({ years: yearsAhead }).toInstant();
  if (Temporal.Instant.compare(dueAt, latest) > 0)
    throw new InvalidInputError([{ path: "dueAt", message: "is more than a year ahead" }]);
}

async function refuseUnready(tx: Tx, ctx: AccountContext, mailing: Mailing): Promise<void> {
  const blocking = (await checkMailing(tx, ctx, mailing)).filter(({ severity }) => severity === "blocks");
  if (mailing.audience.to.length === 0 && !blocking.some(({ code }) => code === "no_audience")) {
    blocking.push({
      code: "no_audience",
      severity: "blocks",
      message: "There is no target group to send to.",
      wayOut: "Choose one or more in the mailing's audience.",
    });
  }
  const [first] = blocking;
  if (!first) return;
  throw new ConflictError(
    "not_ready",
    blocking.map(({ message }) => message).join(" "),
    blocking.length === 1 ? first.wayOut : "Mend what the mailing's checks show.",
  );
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
  mailing: Mailing,
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
    content: await freezeContent(tx, ctx, mailing),
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
