import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import type { Rule } from "../../target-groups/compound.rules.ts";
import { ruleOf } from "../../target-groups/compound.rules.ts";
import { selectCompositions } from "../../target-groups/compound-store.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { GroupId, TargetGroup } from "../../target-groups/target-group.ts";
import { getMailing } from "../content/get-mailing.ts";
import type { Audience, InstanceId, Mailing, MailingId } from "../mailing.ts";
import { type AudienceCounts, type AudienceRules, countAudience, countMembers } from "./audience-store.ts";
import type { Baseline } from "./growth.rules.ts";
import { growthToConfirm } from "./growth.rules.ts";
import { selectLastRecipients, selectMedians } from "./growth-store.ts";

/** A group of the audience with how many are in it. */
export interface MeasuredGroup {
  readonly group: TargetGroup;
  readonly members: number;
}

/** Whom a mailing would go to by what is known now. (product 4.2) */
export interface MeasuredAudience extends AudienceCounts {
  readonly to: readonly MeasuredGroup[];
  readonly notTo: readonly MeasuredGroup[];
  /** A growth that the publisher must confirm. (product 1.5) */
  readonly growth: Baseline | null;
}

/** The arithmetic of a mailing's audience, computed now. @throws NotFoundError when there is no such mailing */
export function findAudience(ctx: AccountContext, id: MailingId): Promise<MeasuredAudience> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const mailing = await getMailing(tx, ctx, id);
    const { audience } = mailing;
    const rules = await findAudienceRules(tx, ctx, audience);
    const found = await selectGroups(tx, ctx.accountId, [...audience.to, ...audience.notTo]);
    const measured = async (ids: readonly GroupId[], sides: readonly Rule[]) => {
      const members = await countMembers(tx, ctx.accountId, sides);
      return ids.flatMap((id, at) => {
        const group = found.get(id);
        return group ? [{ group, members: members[at] ?? 0 }] : [];
      });
    };
    const counts = await countIn(tx, ctx, mailing, rules);
    const baselines = await findBaselines(tx, ctx, mailing, {
      own: null,
      now: counts.recipients,
      before: ctx.clock.now(),
    });
    return {
      to: await measured(audience.to, rules.to),
      notTo: await measured(audience.notTo, rules.notTo),
      ...counts,
      growth: growthToConfirm(baselines, counts.recipients, null),
    };
  });
}

/** What the audience comes to; one without groups is nobody. */
export async function countIn(
  tx: Tx,
  ctx: AccountContext,
  mailing: Pick<Mailing, "id">,
  rules: AudienceRules,
): Promise<AudienceCounts> {
  return rules.to.length === 0 ? nobody : countAudience(tx, ctx.accountId, mailing.id, rules);
}

const nobody: AudienceCounts = {
  audience: 0,
  recipients: 0,
  excluded: {
    excluded_group: 0,
    do_not_email: 0,
    unsubscribed: 0,
    bad_email: 0,
    duplicate_address: 0,
    already_sent: 0,
    erased: 0,
  },
};

/** The audience down to the groups with members of their own. */
export async function findAudienceRules(tx: Tx, ctx: AccountContext, { to, notTo }: Audience): Promise<AudienceRules> {
  const compounds = await selectCompositions(tx, ctx.accountId, [...to, ...notTo]);
  return { to: to.map((id) => ruleOf(id, compounds)), notTo: notTo.map((id) => ruleOf(id, compounds)) };
}

/** Every group with members of its own that takes part in these rules, on whatever side and however deep. */
export function leavesOf(rules: readonly Rule[]): readonly GroupId[] {
  const leaves = (rule: Rule): readonly GroupId[] =>
    rule.kind === "members" ? [rule.id] : [...rule.include.of, ...rule.exclude.of].flatMap(leaves);
  return [...new Set(rules.flatMap(leaves))];
}

/**
 * What the audience is measured against: its last publish, else the groups' median of 30 days. (product 1.5)
 * @param measured.now how many it goes to now
 * @param measured.before reads from this instant on are the publish's own
 */
export async function findBaselines(
  tx: Tx,
  ctx: AccountContext,
  mailing: Pick<Mailing, "id" | "audience">,
  measured: { readonly own: InstanceId | null; readonly now: number; readonly before: Temporal.Instant },
): Promise<readonly Baseline[]> {
  const { now, own, before } = measured;
  const last = await selectLastRecipients(tx, ctx.accountId, mailing.id, mailing.audience, own);
  if (last !== null) return [{ people: last, now, source: "last_publish" }];
  const { to } = await findAudienceRules(tx, ctx, mailing.audience);
  const medians = await selectMedians(tx, ctx.accountId, leavesOf(to), before);
  return medians ? [{ ...medians, source: "median" }] : [];
}
