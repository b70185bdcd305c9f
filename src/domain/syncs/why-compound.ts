import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { must } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { ruleOf } from "../target-groups/compound.rules.ts";
import { selectCompositions } from "../target-groups/compound-store.ts";
import { isMemberOf } from "../target-groups/members-of.ts";
import { selectGroups } from "../target-groups/store.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { Why } from "./why.ts";
import { whyOfCompound } from "./why-compound.rules.ts";

interface PersonInParts {
  readonly id: number;
  readonly remoteId: string | null;
  readonly email: string;
  readonly standing: "do_not_email" | "unsubscribed" | "bad_email" | "sendable";
  readonly isIn: readonly boolean[];
}

/** Why these people are or aren't in a compound group, by the parts that decide it. (product 3.1) */
export async function explainCompound(
  tx: Tx,
  ctx: AccountContext,
  id: GroupId,
  people: readonly number[],
): Promise<readonly Why[]> {
  const compounds = await selectCompositions(tx, ctx.accountId, [id]);
  const { include, exclude } = must(compounds.get(id), "a compound group is made of something");
  const parts = [...include.of, ...exclude.of];
  const groups = await selectGroups(tx, ctx.accountId, parts);
  const tests = parts.map((part) => isMemberOf(ctx.accountId, ruleOf(part, compounds), sql`s.id`));
  const { rows } = await sql<PersonInParts>`select s.id, s.remote_id as "remoteId", s.email, s.standing,
      array[${sql.join(tests)}] as "isIn"
    from subscriber s where s.account_id = ${ctx.accountId} and s.id = any(${people}::bigint[])
    order by s.email_key, s.id`.execute(tx);
  const nameOf = (part: GroupId) => groups.get(part)?.name ?? part;
  return rows.map(({ id: subscriberId, remoteId, email, standing, isIn }): Why => {
    const seen = parts.map((part, at) => ({ name: nameOf(part), hasPerson: isIn[at] === true }));
    const lists = [
      { isAll: include.isAll, groups: seen.slice(0, include.of.length) },
      { isAll: exclude.isAll, groups: seen.slice(include.of.length) },
    ] as const;
    const why = whyOfCompound(standing, ...lists);
    return { subscriberId, remoteId, email, ...why, reason: null, since: null, left: null };
  });
}
