import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { PeopleSearch } from "./search.rules.ts";
import type { Subscriber } from "./subscriber.ts";

const columns = sql`id, remote_id as "remoteId", email, email_key as "emailKey", standing, do_not_email as "doNotEmail",
  case when flag_is_ours then 'here' when do_not_email then 'ams' end as "doNotEmailOrigin",
  unsubscribed_at as "unsubscribedAt", unsubscribe_origin as "unsubscribeOrigin", unsubscribe_reason as "unsubscribeReason",
  bad_email_at as "badEmailAt", "values", erased_at as "erasedAt", created_at as "createdAt", updated_at as "updatedAt"`;

export async function selectSubscriber(tx: Tx, account: AccountId, id: number): Promise<Subscriber | undefined> {
  const { rows } = await sql<Subscriber>`select ${columns} from subscriber
    where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0];
}

/** Whom a search finds, by address: ids alone, see `find_subscribers` in the database. */
export async function selectFoundSubscribers(
  tx: Tx,
  filter: PeopleSearch & {
    readonly limit: number;
    readonly after?: { readonly key: string; readonly id: number } | undefined;
  },
): Promise<readonly number[]> {
  const { rows } = await sql<{
    id: number;
  }>`select id from find_subscribers(${filter.words}::tsquery, ${filter.keyFrom},
    ${filter.keyTo}, ${filter.after?.key ?? null}, ${filter.after?.id ?? null}, ${filter.limit}) as id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Whom a search finds among the members of one group, by id. */
export async function selectFoundMembers(
  tx: Tx,
  group: string,
  filter: PeopleSearch & { readonly limit: number; readonly after: number },
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`select id from find_members(${group}::uuid, ${filter.words}::tsquery,
    ${filter.keyFrom}, ${filter.keyTo}, ${filter.after}, ${filter.limit}) as id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Subscribers by id, in the order of their addresses, each with the form that its address is compared in. */
export async function selectSubscribersAmong(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
): Promise<readonly (Subscriber & { readonly key: string })[]> {
  const { rows } = await sql<Subscriber & { key: string }>`select ${columns}, email_key as key from subscriber
    where account_id = ${account} and id = any(${ids}::bigint[]) and erased_at is null order by email_key, id`.execute(
    tx,
  );
  return rows;
}

/** One page of everybody, by address. `subscriber_identity` is in that order. */
export async function selectSubscriberPage(
  tx: Tx,
  account: AccountId,
  filter: {
    readonly limit: number;
    readonly after?: { readonly key: string; readonly id: number } | undefined;
  },
): Promise<readonly (Subscriber & { readonly key: string })[]> {
  const { after } = filter;
  const { rows } = await sql<Subscriber & { key: string }>`select ${columns}, email_key as key from subscriber
    where account_id = ${account} and erased_at is null ${after ? sql`and (email_key, id) > (${after.key}, ${after.id})` : sql``}
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
