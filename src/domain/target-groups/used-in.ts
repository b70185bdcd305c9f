import { sql } from "kysely";
import type { AccountContext } from "../context.ts";
import { getTargetGroup } from "./get-target-group.ts";
import type { GroupId } from "./target-group.ts";
import { type Holder, selectHolders } from "./use-store.ts";

/** An instance that went to the group, or left it out. */
export interface Use {
  readonly instanceId: string;
  /** The mailing's name as it was published. */
  readonly name: string;
  readonly usedAs: "audience" | "exclusion";
  readonly usedAt: Temporal.Instant;
}

/** A mailing or a template that names the group, and was not published to it so far. */
export interface Naming {
  readonly mailingId: string;
  readonly name: string;
  readonly isTemplate: boolean;
  readonly usedAs: Use["usedAs"];
}

export interface UsedIn {
  readonly compounds: readonly Holder[];
  /** The last changed first. */
  readonly namedBy: readonly Naming[];
  /** How many there are; more than are listed, when there are many. */
  readonly namedByCount: number;
  /** The latest ones first. */
  readonly uses: readonly Use[];
  /** How many there are; more than are listed, when there are many. */
  readonly useCount: number;
}

const usesShown = 50;

/**
 * Where the group is used: the compound groups that hold it, at any depth, the mailings and templates that name it, and
 * the instances published to it. (1.6)
 */
export function findUsedIn(ctx: AccountContext, id: GroupId): Promise<UsedIn> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getTargetGroup(tx, ctx, id);
    const { rows } = await sql<Use & { useCount: number }>`
      select u.instance_id as "instanceId", i.name, u.used_as as "usedAs", u.used_at as "usedAt",
        count(*) over () as "useCount"
      from target_group_use u join mailing_instance i on i.account_id = u.account_id and i.id = u.instance_id
      where u.account_id = ${ctx.accountId} and u.group_id = ${id}
      order by u.used_at desc, u.instance_id limit ${usesShown}`.execute(tx);
    const { rows: named } = await sql<Naming & { namedByCount: number }>`
      select m.id as "mailingId", m.name, m.is_template as "isTemplate",
        case n.side when 'to' then 'audience' else 'exclusion' end as "usedAs", count(*) over () as "namedByCount"
      from mailing_group n join mailing m on m.account_id = n.account_id and m.id = n.mailing_id
      where n.account_id = ${ctx.accountId} and n.group_id = ${id} and not exists (
        select from target_group_use u join mailing_instance i on i.account_id = u.account_id and i.id = u.instance_id
        where u.account_id = n.account_id and u.group_id = n.group_id and i.mailing_id = n.mailing_id)
      order by m.updated_at desc, m.id desc limit ${usesShown}`.execute(tx);
    return {
      compounds: await selectHolders(tx, ctx.accountId, [id]),
      namedBy: named.map(({ namedByCount, ...naming }) => naming),
      namedByCount: named[0]?.namedByCount ?? 0,
      uses: rows.map(({ useCount, ...use }) => use),
      useCount: rows[0]?.useCount ?? 0,
    };
  });
}
