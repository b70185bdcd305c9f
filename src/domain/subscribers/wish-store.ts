import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { softBounceBounds, type Wish } from "./wish.rules.ts";

/** A person whose standing was changed here. */
export interface ChangedPerson {
  readonly id: number;
  readonly email: string;
  /** Customer key in the AMS; null for who came by upload. */
  readonly remoteId: string | null;
}

/** What a bounce of that instant found out about an address. Whoever took it over from there has the same instant. */
export interface BadEmailMark {
  readonly subscriberId: number;
  readonly at: Temporal.Instant;
}

/** Whose address such a mark says is bad. */
export interface MarkedPerson extends ChangedPerson {
  readonly emailKey: string;
}

/**
 * Waits until no read is being applied in the account, and lets none begin before the transaction ends: an apply counts
 * how people stand, and would not see this change. Others who change a few people go on meanwhile.
 */
export async function holdOffApplies(tx: Tx, account: AccountId): Promise<void> {
  await sql`insert into apply_turn (account_id, turn) values (${account}, 0) on conflict do nothing`.execute(tx);
  await sql`select from apply_turn where account_id = ${account} for share`.execute(tx);
}

/** Everybody with the address of one of these subscribers. `subscriber_identity` finds them. */
const withSameAddress = (account: AccountId, ids: readonly number[]) => sql`
  select p.id from subscriber me join subscriber p on p.account_id = ${account} and p.email_key = me.email_key
  where me.account_id = ${account} and me.id = any(${ids}::bigint[])`;

/**
 * The person of each of these subscribers: everybody whom an address or a customer key leads to, from one to the next.
 * It walks addresses and keys, not entries: an address that thousands share is looked up once.
 */
const samePerson = (account: AccountId, ids: readonly number[]) => sql`
  with recursive linked (email_key, remote_id) as (
    select me.email_key, null::text collate "C" from subscriber me where me.account_id = ${account} and me.id = any(${ids}::bigint[])
    union
    select next.email_key, next.remote_id from linked l cross join lateral (
      select null::text collate "C" as email_key, p.remote_id from subscriber p
      where p.account_id = ${account} and p.email_key = l.email_key and p.remote_id is not null
      union all
      select p.email_key, null from subscriber p where p.account_id = ${account} and p.remote_id = l.remote_id) next)
  select p.id from linked l join subscriber p on p.account_id = ${account} and p.email_key = l.email_key`;

/**
 * Locks in the order of ids, as everybody does, so that two changes of the same people can't wait for each other. Whom is
 * found once and before: joined, a table without statistics yet makes the server look for them again for each person.
 */
const locked = (account: AccountId, whom: RawBuilder<unknown>, condition: RawBuilder<unknown>) => sql`
  select s.id from subscriber s where s.account_id = ${account} and s.id = any(array(${whom})) and s.erased_at is null
    and ${condition}
  order by s.id for no key update`;

export async function updateUnsubscribed(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  wish: Wish,
  now: Temporal.Instant,
): Promise<readonly ChangedPerson[]> {
  const { rows } = await sql<ChangedPerson>`
    with chosen as materialized (${locked(account, samePerson(account, ids), sql`s.unsubscribed_at is null`)})
    update subscriber s set unsubscribed_at = ${now}, unsubscribe_origin = ${wish.origin},
      unsubscribe_reason = ${wish.reason}, row_hash = null, updated_at = ${now}
    from chosen c where s.account_id = ${account} and s.id = c.id and s.unsubscribed_at is null
    returning s.id, s.email, s.remote_id as "remoteId"`.execute(tx);
  return rows;
}

/**
 * An administrator lifts what was found out about the address, too, and is told of those of whom nothing stands here but
 * the AMS's flag that a writeback of ours set.
 */
export async function updateResubscribed(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  by: "person" | "administrator",
  now: Temporal.Instant,
): Promise<readonly ChangedPerson[]> {
  const isAdministrator = by === "administrator";
  const saidNo = isAdministrator
    ? sql`(s.unsubscribed_at is not null or s.bad_email_at is not null or s.flag_is_ours)`
    : sql`s.unsubscribed_at is not null`;
  const lifted = isAdministrator ? sql`, bad_email_at = null, soft_bounces = 0, soft_bounced_since = null` : sql``;
  const { rows } = await sql<ChangedPerson>`
    with chosen as materialized (${locked(account, samePerson(account, ids), saidNo)})
    update subscriber s set unsubscribed_at = null, unsubscribe_origin = null, unsubscribe_reason = null,
      row_hash = null, updated_at = ${now} ${lifted}
    from chosen c where s.account_id = ${account} and s.id = c.id and ${saidNo}
    returning s.id, s.email, s.remote_id as "remoteId"`.execute(tx);
  return rows;
}

export async function updateBadEmail(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  now: Temporal.Instant,
): Promise<readonly ChangedPerson[]> {
  const { rows } = await sql<ChangedPerson>`
    with chosen as materialized (${locked(account, withSameAddress(account, ids), sql`s.bad_email_at is null`)})
    update subscriber s set bad_email_at = ${now}, row_hash = null, updated_at = ${now}
    from chosen c where s.account_id = ${account} and s.id = c.id and s.bad_email_at is null
    returning s.id, s.email, s.remote_id as "remoteId"`.execute(tx);
  return rows;
}

/**
 * Everybody whose address is bad by one of these marks, and by nothing else. By the address first, `subscriber_identity`:
 * joined freely, the server takes a hundred thousand marks by a hundred thousand instants (minutes in place of seconds).
 */
export async function selectMarked(
  tx: Tx,
  account: AccountId,
  marks: readonly BadEmailMark[],
): Promise<readonly MarkedPerson[]> {
  const { rows } = await sql<MarkedPerson>`
    select distinct p.id, p.email, p.remote_id as "remoteId", p.email_key as "emailKey"
    from unnest(${marks.map(({ subscriberId }) => subscriberId)}::bigint[], ${marks.map(({ at }) => at.toString())}::timestamptz[])
      as m (id, at)
    join subscriber me on me.account_id = ${account} and me.id = m.id
    cross join lateral (
      select * from subscriber p where p.account_id = ${account} and p.email_key = me.email_key offset 0) p
    where p.bad_email_at = m.at`.execute(tx);
  return rows;
}

export async function updateBadEmailLifted(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  now: Temporal.Instant,
): Promise<readonly ChangedPerson[]> {
  const { rows } = await sql<ChangedPerson>`
    with chosen as materialized (${locked(account, sql`select unnest(${ids}::bigint[])`, sql`s.bad_email_at is not null`)})
    update subscriber s set bad_email_at = null, row_hash = null, updated_at = ${now}
    from chosen c where s.account_id = ${account} and s.id = c.id
    returning s.id, s.email, s.remote_id as "remoteId"`.execute(tx);
  return rows;
}

/** @returns who has had enough of them in a row by now */
export async function updateSoftBounced(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  now: Temporal.Instant,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number; isEnough: boolean }>`
    with chosen as materialized (${locked(account, withSameAddress(account, ids), sql`s.bad_email_at is null`)})
    update subscriber s set soft_bounces = s.soft_bounces + 1, soft_bounced_since = coalesce(s.soft_bounced_since, ${now})
    from chosen c where s.account_id = ${account} and s.id = c.id
    returning s.id, s.soft_bounces >= ${softBounceBounds.bounces}
      and s.soft_bounced_since <= ${now}::timestamptz - make_interval(days => ${softBounceBounds.days}) as "isEnough"`.execute(
    tx,
  );
  return rows.filter(({ isEnough }) => isEnough).map(({ id }) => id);
}

/** Addresses of these subscribers that have a row of soft bounces: nearly none has. `subscriber_soft_bounced` knows. */
const softBounced = (account: AccountId, ids: readonly number[]) => sql`
  select s.id from subscriber s where s.account_id = ${account} and s.soft_bounces > 0 and s.email_key in (
    select me.email_key from subscriber me where me.account_id = ${account} and me.id = any(${ids}::bigint[]))`;

export async function hasSoftBounced(tx: Tx, account: AccountId, ids: readonly number[]): Promise<boolean> {
  const { rows } = await sql`${softBounced(account, ids)} limit 1`.execute(tx);
  return rows.length > 0;
}

/** Ends rows of soft bounces. */
export async function updateDelivered(tx: Tx, account: AccountId, ids: readonly number[]): Promise<void> {
  await sql`
    with chosen as materialized (${softBounced(account, ids)} order by s.id for no key update)
    update subscriber s set soft_bounces = 0, soft_bounced_since = null
    from chosen c where s.account_id = ${account} and s.id = c.id`.execute(tx);
}

export async function insertWishChanges(
  tx: Tx,
  account: AccountId,
  people: readonly ChangedPerson[],
  change: {
    readonly kind: "unsubscribed" | "resubscribed" | "bad_email" | "bad_email_lifted";
    readonly origin: Wish["origin"] | null;
    readonly reason: string | null;
    readonly at: Temporal.Instant;
    readonly by: string;
  },
): Promise<void> {
  const ids = people.map(({ id }) => id);
  await sql`insert into wish_change (account_id, subscriber_id, at, kind, origin, reason, by)
    select ${account}::uuid, id, ${change.at}::timestamptz, ${change.kind}, ${change.origin}, ${change.reason}, ${change.by}
    from unnest(${ids}::bigint[]) as id`.execute(tx);
}
