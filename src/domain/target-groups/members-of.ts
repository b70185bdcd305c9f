import { type RawBuilder, sql } from "kysely";
import type { AccountId } from "../accounts/account.ts";
import type { Rule, RuleList } from "./compound.rules.ts";

/**
 * The ids of a group's members, as SQL: a select of one column, `subscriber_id`. Of a compound the database computes
 * them with set operations, each time anew. `membership_open` serves every group in it, in the order of the ids: the
 * first ones come without the rest. (product 3.1)
 * @param after only those with a higher id
 */
export function membersOf(account: AccountId, rule: Rule, after?: number): RawBuilder<unknown> {
  if (rule.kind === "members") {
    return sql`select subscriber_id from membership
      where account_id = ${account} and group_id = ${rule.id} and removed_by is null
        ${after === undefined ? sql`` : sql`and subscriber_id > ${after}`}`;
  }
  const combine = ({ isAll, of }: RuleList) =>
    sql.join(
      of.map((part) => sql`(${membersOf(account, part, after)})`),
      isAll ? sql` intersect ` : sql` union `,
    );
  if (rule.exclude.of.length === 0) return combine(rule.include);
  return sql`(${combine(rule.include)}) except (${combine(rule.exclude)})`;
}

/**
 * Everybody who is in any of these groups, as SQL for an `in (…)`: a select of ids, in which one may come twice. Groups with
 * members of their own that are only put together, by whatever compounds, become one look, which the database can share
 * among its cores; of others the members are computed. (product 3.1, 4.2)
 */
export function inAnyOf(account: AccountId, rules: readonly Rule[]): RawBuilder<unknown> {
  const parts = rules.flatMap(partsOf);
  const own = parts.flatMap((part) => (part.kind === "members" ? [part.id] : []));
  const computed = parts.filter((part) => part.kind !== "members");
  return sql.join(
    [
      sql`select subscriber_id from membership
        where account_id = ${account} and group_id = any(${own}::uuid[]) and removed_by is null`,
      ...computed.map((part) => sql`(${membersOf(account, part)})`),
    ],
    sql` union all `,
  );
}

/** The groups of which a rule is the union: itself, where it is more than that. */
function partsOf(rule: Rule): readonly Rule[] {
  const isUnion = rule.kind === "compound" && !rule.include.isAll && rule.exclude.of.length === 0;
  return isUnion ? rule.include.of.flatMap(partsOf) : [rule];
}

/**
 * Whether one person is a member, as an SQL condition: by one look into `membership_open` for each group in the rule.
 * @param person the person's id, as SQL
 */
export function isMemberOf(account: AccountId, rule: Rule, person: RawBuilder<unknown>): RawBuilder<boolean> {
  if (rule.kind === "members") {
    return sql<boolean>`exists (select from membership m where m.account_id = ${account} and m.group_id = ${rule.id}
      and m.subscriber_id = ${person} and m.removed_by is null)`;
  }
  const test = ({ isAll, of }: RuleList) =>
    sql`(${sql.join(
      of.map((part) => isMemberOf(account, part, person)),
      isAll ? sql` and ` : sql` or `,
    )})`;
  if (rule.exclude.of.length === 0) return sql<boolean>`${test(rule.include)}`;
  return sql<boolean>`(${test(rule.include)} and not ${test(rule.exclude)})`;
}

/** The groups on the Include side, down to those with members of their own: nobody else can be a member. */
export function includedIn(rule: Rule): readonly string[] {
  if (rule.kind === "members") return [rule.id];
  return [...new Set(rule.include.of.flatMap(includedIn))];
}
