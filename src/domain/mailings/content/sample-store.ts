import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";

/** The longest value of each field among the account's latest 2,000 people: more would take as long as a sync. */
export async function selectLongestValues(tx: Tx, account: AccountId): Promise<Readonly<Record<string, string>>> {
  const { rows } = await sql<{ field: string; value: string }>`
    select distinct on (v.key) v.key as field, v.value
    from (select "values" from subscriber where account_id = ${account} order by id desc limit 2000) s
      cross join lateral jsonb_each_text(s."values") v
    order by v.key, length(v.value) desc`.execute(tx);
  return Object.fromEntries(rows.map(({ field, value }) => [field, value]));
}

/** Test mails that the account has sent since then, by its audit log. */
export async function countTestMails(tx: Tx, account: AccountId, since: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ mails: number }>`
    select coalesce(sum(jsonb_array_length(detail -> 'to')), 0)::int as mails from audit_entry
    where account_id = ${account} and action = 'mailing.test_send' and at > ${since}`.execute(tx);
  return rows[0]?.mails ?? 0;
}
