import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { AccountContext } from "../../context.ts";
import { findRule } from "../../target-groups/compose-group.ts";
import type { Rule, RuleList } from "../../target-groups/compound.rules.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { Instance } from "../instance.ts";
import { selectInstanceAudience } from "../publish/publish-store.ts";
import { countMembers } from "./count-store.ts";
import type { GroupCounts } from "./report.ts";

/**
 * The instance's numbers by the groups that it was sent to, as they were when the audience was built. Who was in several
 * counts in each of them. A compound is computed by what it is made of today.
 */
export async function countGroups(tx: Tx, ctx: AccountContext, instance: Instance): Promise<readonly GroupCounts[]> {
  const { builtAt } = instance;
  if (builtAt === null) return [];
  const { to } = await selectInstanceAudience(tx, ctx.accountId, instance.id);
  const groups = await selectGroups(tx, ctx.accountId, to);
  const counts: GroupCounts[] = [];
  for (const { id, name } of groups.values()) {
    const members = membersAt(ctx.accountId, await findRule(tx, ctx, id), builtAt);
    counts.push({ groupId: id, name, ...(await countMembers(tx, ctx.accountId, instance, members)) });
  }
  return counts.toSorted((a, b) => b.recipients - a.recipients || a.name.localeCompare(b.name));
}

/** Ids of a group's members at a past moment, as SQL. */
function membersAt(account: AccountId, rule: Rule, at: Temporal.Instant): RawBuilder<unknown> {
  if (rule.kind === "members") {
    return sql`select m.subscriber_id from membership m
      join sync a on a.account_id = m.account_id and a.id = m.added_by and a.finished_at <= ${at}
      left join sync r on r.account_id = m.account_id and r.id = m.removed_by
      where m.account_id = ${account} and m.group_id = ${rule.id} and (m.removed_by is null or r.finished_at > ${at})`;
  }
  const combine = ({ isAll, of }: RuleList) =>
    sql.join(
      of.map((part) => sql`(${membersAt(account, part, at)})`),
      isAll ? sql` intersect ` : sql` union `,
    );
  if (rule.exclude.of.length === 0) return combine(rule.include);
  return sql`(${combine(rule.include)}) except (${combine(rule.exclude)})`;
}
