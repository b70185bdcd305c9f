import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Subscriber } from "./subscriber.ts";

const columns = sql`id, remote_id as "remoteId", email, standing, do_not_email as "doNotEmail",
  unsubscribed_at as "unsubscribedAt", unsubscribe_origin as "unsubscribeOrigin", unsubscribe_reason as "unsubscribeReason",
  bad_email_at as "badEmailAt", "values", created_at as "createdAt", updated_at as "updatedAt"`;

export async function selectSubscriber(tx: Tx, account: AccountId, id: number): Promise<Subscriber | undefined> {
  const { rows } = await sql<Subscriber>`select ${columns} from subscriber
    where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0];
}

/**
 * One page of subscribers whose address begins with the text, or whose remote ID it is. `subscriber_identity` serves
 * the addresses: it is ordered byte by byte, so a beginning is a range of it.
 */
export async function selectSubscribers(
  tx: Tx,
  account: AccountId,
  filter: {
    readonly beginning: string;
    readonly limit: number;
    readonly after?: { readonly key: string; readonly id: number } | undefined;
  },
): Promise<readonly (Subscriber & { readonly key: string })[]> {
  const { beginning, after } = filter;
  const end = `${beginning}\u{10FFFF}`;
  const { rows } = await sql<Subscriber & { key: string }>`
    select ${columns}, email_key as key from subscriber
    where account_id = ${account}
      and ((email_key >= ${beginning} and email_key < ${end}) or remote_id = ${beginning})
      ${after ? sql`and (email_key, id) > (${after.key}, ${after.id})` : sql``}
    order by email_key, id limit ${filter.limit}`.execute(tx);
  return rows;
}

/**
 * Takes one field's values from some people. Their digest goes too: the next sync finds them changed, and writes what
 * is kept by then. @returns how many had a value
 */
export async function deleteValues(tx: Tx, account: AccountId, field: string, limit: number): Promise<number> {
  const result = await sql`update subscriber set "values" = "values" - ${field}::text, row_hash = null
    where account_id = ${account} and id in (
      select id from subscriber where account_id = ${account} and jsonb_exists("values", ${field}) order by id limit ${limit})`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
