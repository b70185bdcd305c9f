import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { FlagVerdict } from "../subscribers/standing.rules.ts";
import type { Applied } from "./apply-store.ts";
import { difference } from "./difference-store.ts";

/**
 * Customer keys that the read brings with another address than before: what is known of the other ones speaks of the
 * person no more, until the AMS brings it back. Before new people are written. Few change theirs, so the look is for
 * those who are new, or come back, alone. When they were last written stays: this says nothing of their flags, and the
 * read that is judged next would be older than that. @returns whether there are any
 */
export async function markFormer(tx: Tx, { account, staged }: Applied): Promise<boolean> {
  const result = await sql`
    with come as materialized (
      select st.remote_id, d.subscriber_id from ${difference} d join ${staged} st on st.sequence = d.sequence
      where d.is_new or (d.is_changed and d.subscriber_id in (
        select f.id from subscriber f where f.account_id = ${account} and f.is_former)))
    update subscriber o set is_former = true, row_hash = null from come c
    where o.account_id = ${account} and o.remote_id = c.remote_id and o.id <> c.subscriber_id and not o.is_former`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) > 0n;
}

/**
 * Rows of the read that are written and whose key has a writeback, or another address with a flag. Each is looked up by
 * itself (`offset 0`): ten years of writebacks are not gone through for the few rows of a night's group.
 */
export async function selectDoubtfulFlags(
  tx: Tx,
  { account, staged }: Applied,
): Promise<readonly { readonly sequence: number; readonly remoteId: string; readonly isSet: boolean }[]> {
  const { rows } = await sql<{ sequence: number; remoteId: string; isSet: boolean }>`
    select d.sequence, st.remote_id as "remoteId", st.do_not_email as "isSet"
    from ${difference} d join ${staged} st on st.sequence = d.sequence
    where (d.is_new or d.is_changed) and (${hasWriteback(account, sql`st.remote_id`)} or exists (
      select from subscriber f where f.account_id = ${account} and f.remote_id = st.remote_id and f.is_former and f.do_not_email offset 0))`.execute(
    tx,
  );
  return rows;
}

const hasWriteback = (account: AccountId, remoteId: RawBuilder<unknown>) =>
  sql`exists (select from writeback w where w.account_id = ${account} and w.remote_id = ${remoteId} offset 0)`;

/** Writes down in the difference what becomes of these rows' flags. */
export async function updateVerdicts(
  tx: Tx,
  verdicts: readonly (FlagVerdict & { readonly sequence: number })[],
): Promise<void> {
  if (verdicts.length === 0) return;
  await sql`
    update ${difference} d set flag = v.flag <> 'none', flag_is_ours = v.flag = 'here', is_read_again = v.is_read_again
    from unnest(${verdicts.map(({ sequence }) => sequence)}::int[], ${verdicts.map(({ flag }) => flag)}::text[],
      ${verdicts.map(({ isReadAgain }) => isReadAgain)}::boolean[]) v (sequence, flag, is_read_again)
    where d.sequence = v.sequence`.execute(tx);
}

/**
 * The AMS's own no, and its end, are the same under all addresses of a key: a group of uploads may hold a former one. A
 * flag that we set may speak of the present address alone.
 */
export async function spreadFlags(tx: Tx, { account, now }: Applied): Promise<void> {
  await sql`
    with other as materialized (
      select f.id, n.do_not_email from subscriber f
      join subscriber n on n.account_id = ${account} and n.remote_id = f.remote_id and not n.is_former
      join ${difference} d on d.subscriber_id = n.id and (d.is_new or d.is_changed)
      where f.account_id = ${account} and f.is_former
        and case when n.do_not_email then not n.flag_is_ours and (f.flag_is_ours or not f.do_not_email) else f.do_not_email end)
    update subscriber f set do_not_email = o.do_not_email, flag_is_ours = false, row_hash = null, updated_at = ${now}
    from other o where f.account_id = ${account} and f.id = o.id`.execute(tx);
}

/**
 * Whoever comes with the address or the customer key of somebody unsubscribed here is that person, and so is everybody
 * whom the same address or key leads to: the no is theirs. (product 2.1, 2.4) @returns their ids and keys
 */
export async function spreadUnsubscribes(tx: Tx, applied: Applied): Promise<readonly string[]> {
  const { account, now } = applied;
  const changed = sql`select n.id, n.email_key, n.remote_id from ${difference} d
    join subscriber n on n.account_id = ${account} and n.id = d.subscriber_id where d.is_new or d.is_changed or d.joins`;
  // Those who said no beside whoever came or changed; looked up among the few who said no.
  const { rows } = await sql<{ id: number }>`
    with come as materialized (${changed})
    select p.id from come c cross join lateral (select p.id from subscriber p
      where p.account_id = ${account} and p.email_key = c.email_key and p.unsubscribed_at is not null offset 0) p
    union
    select p.id from come c cross join lateral (select p.id from subscriber p
      where p.account_id = ${account} and p.remote_id = c.remote_id and p.unsubscribed_at is not null offset 0) p`.execute(
    tx,
  );
  const keys = new Set<string>();
  for (let from = rows.map(({ id }) => id); from.length > 0; ) {
    const next = await spreadFrom(tx, applied, from);
    for (const { remoteId } of next) if (remoteId !== null) keys.add(remoteId);
    from = next.map(({ id }) => id);
  }
  return [...keys];

  /** One step: those beside these who didn't say no yet say it from now on. The earliest no of several is theirs. */
  async function spreadFrom(tx: Tx, { account }: Applied, ids: readonly number[]) {
    const { rows } = await sql<{ id: number; remoteId: string | null }>`
      with said as materialized (select * from subscriber where account_id = ${account} and id = any(${ids}::bigint[])),
      beside as (
        select distinct on (id) * from (
          select n.id, p.unsubscribed_at, p.unsubscribe_origin, p.unsubscribe_reason from said p
          join subscriber n on n.account_id = ${account} and n.email_key = p.email_key where n.unsubscribed_at is null
          union all
          select n.id, p.unsubscribed_at, p.unsubscribe_origin, p.unsubscribe_reason from said p
          join subscriber n on n.account_id = ${account} and n.remote_id = p.remote_id where n.unsubscribed_at is null) x
        order by id, unsubscribed_at)
      update subscriber n set unsubscribed_at = b.unsubscribed_at, unsubscribe_origin = b.unsubscribe_origin,
        unsubscribe_reason = b.unsubscribe_reason, updated_at = ${now}
      from beside b where n.account_id = ${account} and n.id = b.id returning n.id, n.remote_id as "remoteId"`.execute(
      tx,
    );
    return rows;
  }
}

/** Who comes with an address that is bad has a bad address, whoever it was found out with. (product 2.1) */
export async function spreadBadEmails(tx: Tx, { account, now }: Applied): Promise<void> {
  await sql`
    with bad as materialized (
      select n.id, min(p.bad_email_at) as bad_email_at from ${difference} d
      join subscriber n on n.account_id = ${account} and n.id = d.subscriber_id
      join subscriber p on p.account_id = ${account} and p.email_key = n.email_key and p.bad_email_at is not null
      where d.is_new and n.bad_email_at is null group by n.id)
    update subscriber n set bad_email_at = b.bad_email_at, updated_at = ${now}
    from bad b where n.account_id = ${account} and n.id = b.id`.execute(tx);
}

/** Keys of the read about which the AMS may be owed something: somebody said no, the address is bad, or was told. */
export async function selectKeysToSettle(tx: Tx, { account, staged }: Applied): Promise<readonly string[]> {
  const { rows } = await sql<{ remoteId: string }>`
    with come as materialized (
      select d.subscriber_id, st.remote_id from ${difference} d join ${staged} st on st.sequence = d.sequence
      where d.is_new or d.is_changed)
    select c.remote_id as "remoteId" from come c where ${hasWriteback(account, sql`c.remote_id`)}
    union
    select c.remote_id from come c join subscriber p on p.account_id = ${account} and p.id = c.subscriber_id
    where p.unsubscribed_at is not null or p.bad_email_at is not null`.execute(tx);
  return rows.map(({ remoteId }) => remoteId);
}
