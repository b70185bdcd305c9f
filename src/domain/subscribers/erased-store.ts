import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";

export interface ErasedHash {
  readonly hash: Buffer;
}

/** @param since only those erased behind this apply turn */
export async function selectErased(tx: Tx, account: AccountId, since: number): Promise<readonly ErasedHash[]> {
  const { rows } = await sql<ErasedHash>`
    select hash from erased_person where account_id = ${account} and turn > ${since}`.execute(tx);
  return rows;
}

/** One of the rows that make up a person: an address under one customer key, or without one. */
export interface PersonEntry {
  readonly id: number;
  readonly email: string;
  /** The form that addresses are compared in. */
  readonly emailKey: string;
  readonly remoteId: string | null;
}

/** Everybody at these addresses, in the order of ids. `subscriber_identity` finds them. */
export async function selectEntriesAt(
  tx: Tx,
  account: AccountId,
  emailKeys: readonly string[],
): Promise<readonly PersonEntry[]> {
  const { rows } = await sql<PersonEntry>`
    select id, email, email_key as "emailKey", remote_id as "remoteId" from subscriber
    where account_id = ${account} and email_key = any(${emailKeys}::text[]) order by id`.execute(tx);
  return rows;
}

/** The addresses of one customer key. */
export async function selectAddressesOf(tx: Tx, account: AccountId, remoteId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ emailKey: string }>`
    select email_key as "emailKey" from subscriber where account_id = ${account} and remote_id = ${remoteId}`.execute(
    tx,
  );
  return rows.map(({ emailKey }) => emailKey);
}

/** Empties people's rows; the trigger on the table moves the counts of their groups. Their wishes go with them. */
export async function updateErased(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  { name, now }: { readonly name: string; readonly now: Temporal.Instant },
): Promise<void> {
  await sql`delete from wish_change where account_id = ${account} and subscriber_id = any(${ids}::bigint[])`.execute(
    tx,
  );
  await sql`
    with chosen as materialized (select id from subscriber where account_id = ${account} and id = any(${ids}::bigint[])
      order by id for update)
    update subscriber s set erased_at = ${now}, email = ${name}, email_key = s.id || '@erased', remote_id = null,
      "values" = '{}', row_hash = null, do_not_email = false, flag_is_ours = false, is_former = false, bad_email_at = null, soft_bounces = 0,
      soft_bounced_since = null, unsubscribed_at = ${now}, unsubscribe_origin = 'administrator',
      unsubscribe_reason = ${name}, updated_at = ${now}
    from chosen c where s.account_id = ${account} and s.id = c.id`.execute(tx);
}

/** Who was erased before by one of these hashes is the same person: all of them become one erasure. */
export async function insertErased(
  tx: Tx,
  account: AccountId,
  hashes: readonly Buffer[],
  { erasureId, turn, now }: { readonly erasureId: string; readonly turn: number; readonly now: Temporal.Instant },
): Promise<void> {
  await sql`update erased_person set erasure_id = ${erasureId} where account_id = ${account} and erasure_id in (
    select erasure_id from erased_person where account_id = ${account} and hash = any(${hashes}::bytea[]))`.execute(tx);
  await sql`insert into erased_person (account_id, hash, erasure_id, turn, erased_at)
    select ${account}::uuid, hash, ${erasureId}::uuid, ${turn}::bigint, ${now}::timestamptz
    from unnest(${hashes}::bytea[]) as hash
    on conflict (account_id, hash) do update set turn = excluded.turn, erased_at = excluded.erased_at`.execute(tx);
}

/** Forgets an erasure with all its hashes. @returns when it was made, or undefined when nobody was erased by this hash */
export async function deleteErasure(tx: Tx, account: AccountId, hash: Buffer): Promise<Temporal.Instant | undefined> {
  const { rows } = await sql<{ erasedAt: Temporal.Instant }>`
    delete from erased_person where account_id = ${account} and erasure_id in (
      select erasure_id from erased_person where account_id = ${account} and hash = ${hash})
    returning erased_at as "erasedAt"`.execute(tx);
  return rows[0]?.erasedAt;
}
