import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { differenceTable, isBrief, type Staged } from "./staging-store.ts";
import type { SyncId } from "./sync.ts";

/**
 * Gives the comparison what it needs, for this transaction only: memory for sorts and hashes of a million rows, trust
 * in indexes, and statistics. Without them it reads every subscriber of the account for five hundred rows. A short read's size says
 * enough, and statistics would have its prepared statements planned anew.
 */
export async function prepareComparison(tx: Tx, staged: Staged): Promise<void> {
  const analyze = isBrief(staged) ? sql`` : sql`; analyze ${staged}`;
  await sql`set local work_mem = '128MB'; set local random_page_cost = 1.1${analyze}`.execute(tx);
}

/** From so many rows on, a difference's statistics are worth what they cost; below, its size says enough. */
const rowsWorthAnalyzing = 5000;

/** Marks every row but the first of an address, in the AMS's own order. (product 1.6, 2.1) */
export async function markDuplicates(tx: Tx, staged: Staged): Promise<void> {
  await sql`
    with repeated as (
      select email_key from ${staged} where reason is null group by email_key having count(*) > 1
    ), ranked as (
      select sequence,
        row_number() over (partition by email_key order by sequence) as nth,
        row_number() over (partition by email_key, remote_id order by sequence) as nth_of_key
      from ${staged} where reason is null and email_key in (select email_key from repeated)
    )
    update ${staged} s set reason = case when r.nth_of_key > 1 then 'duplicate_key' else 'duplicate_address' end
    from ranked r where r.sequence = s.sequence and r.nth > 1`.execute(tx);
}

/** How many rows the read had, by what became of them. */
export interface ReadCounts {
  readonly total: number;
  readonly unusable: number;
  readonly withoutAddress: number;
  readonly malformedAddress: number;
  readonly duplicate: number;
  readonly distinctValid: number;
}

export async function countRead(tx: Tx, staged: Staged): Promise<ReadCounts> {
  const { rows } = await sql<ReadCounts>`
    select count(*) as total,
      count(*) filter (where reason in ('key_missing', 'key_malformed', 'flag_malformed', 'erased')) as unusable,
      count(*) filter (where reason = 'without_address') as "withoutAddress",
      count(*) filter (where reason = 'malformed_address') as "malformedAddress",
      count(*) filter (where reason in ('duplicate_address', 'duplicate_key')) as duplicate,
      count(*) filter (where reason is null) as "distinctValid"
    from ${staged}`.execute(tx);
  return rows[0] as ReadCounts;
}

/**
 * Writes down how the read differs from the group, and nothing else: who is new, whose row changed, who joins, who
 * leaves. What is applied, shown or held is proportional to it, not to the group. New people draw their ids here, so
 * that joining needs no second look-up. A person of a duplicate row is a subscriber too, but no member. (2.1)
 */
export async function compare(tx: Tx, account: AccountId, group: GroupId, staged: Staged): Promise<Difference> {
  // Made once a connection and emptied by each commit: a table for each of a night's two thousand syncs bloats the
  // catalogue and makes every connection read it anew.
  await sql`create temporary table if not exists difference (sequence int, subscriber_id bigint not null, is_new boolean not null,
    is_changed boolean not null, joins boolean not null, leaves boolean not null,
    flag boolean, flag_is_ours boolean, is_read_again boolean) on commit delete rows`.execute(tx);
  // Members meet their rows first; only a row without a member is looked for among all people of the account.
  const { rows } = await sql<Difference>`
    with written as (insert into ${difference} (sequence, subscriber_id, is_new, is_changed, joins, leaves)
    select x.sequence, coalesce(x.member_id, s.id, nextval('subscriber_id_seq')) as subscriber_id,
      x.member_id is null and s.id is null as is_new,
      x.sequence is not null and coalesce(x.member_id, s.id) is not null
        and x.row_hash is distinct from coalesce(x.member_hash, s.row_hash) as is_changed,
      x.member_id is null and x.reason is null as joins,
      x.member_id is not null and (x.sequence is null or x.reason is not null) as leaves
    from (
      select st.sequence, st.reason, st.row_hash, st.email_key, st.remote_id, m.id as member_id, m.row_hash as member_hash
      from (select * from ${staged} where reason is null or reason = 'duplicate_address') st
      full join (
        select s.id, s.email_key, s.remote_id, s.row_hash
        from membership m join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id
        where m.account_id = ${account} and m.group_id = ${group} and m.removed_by is null
      ) m on m.email_key = st.email_key and m.remote_id = st.remote_id
    ) x
    left join subscriber s on s.account_id = ${account}
      and s.email_key = case when x.member_id is null then x.email_key end and s.remote_id = x.remote_id
    where x.member_id is null or x.sequence is null or x.reason is not null or x.row_hash is distinct from x.member_hash
    returning joins, leaves, is_changed, is_new)
    select ${differenceCounts} from written`.execute(tx);
  const found = rows[0] as Difference;
  if (found.added + found.removed + found.updated + found.created >= rowsWorthAnalyzing)
    await sql`analyze ${difference}`.execute(tx);
  return found;
}

const differenceCounts = sql`count(*) filter (where joins) as added, count(*) filter (where leaves) as removed,
  count(*) filter (where is_changed) as updated, count(*) filter (where is_new) as created`;

async function countDifference(tx: Tx): Promise<Difference> {
  const { rows } = await sql<Difference>`select ${differenceCounts} from ${difference}`.execute(tx);
  return rows[0] as Difference;
}

/**
 * Looks again at what a comparison would write, after other reads of the account were applied: somebody may have come
 * by another group meanwhile. Who is in this group can't have changed; one sync of a group runs at a time.
 */
export async function compareAgain(tx: Tx, account: AccountId, staged: Staged): Promise<Difference> {
  await sql`
    update ${difference} d set subscriber_id = s.id, is_new = false, is_changed = s.row_hash is distinct from st.row_hash
    from ${staged} st
    join subscriber s on s.account_id = ${account} and s.email_key = st.email_key and s.remote_id = st.remote_id
    where st.sequence = d.sequence and (d.is_new or (d.is_changed and s.row_hash is not distinct from st.row_hash))`.execute(
    tx,
  );
  return countDifference(tx);
}

/** The difference as a table of the transaction that compares. */
export const difference = sql.table("pg_temp.difference");

/** Forgets a comparison that is out of date as a whole. */
export async function forgetDifference(tx: Tx): Promise<void> {
  await sql`truncate ${difference}`.execute(tx);
}

/** Keeps the difference of a held sync or a dry run, so that everybody can look at it. */
export async function keepDifference(tx: Tx, sync: SyncId): Promise<void> {
  const kept = differenceTable(sync);
  await sql`drop table if exists ${kept}`.execute(tx);
  await sql`create unlogged table ${kept} with (autovacuum_enabled = off) as select * from ${difference}`.execute(tx);
}

export interface Difference {
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
  readonly created: number;
}

/** What the account has that the common way passes by. */
export interface SpecialPeople {
  readonly hasUploaded: boolean;
  /** People whom the AMS has brought before. */
  readonly hasRemote: boolean;
  /** People whom the AMS has brought with another address since. */
  readonly hasFormer: boolean;
  readonly hasUnsubscribed: boolean;
  readonly hasBadEmail: boolean;
  readonly hasWritebacks: boolean;
}

export async function selectSpecialPeople(tx: Tx, account: AccountId): Promise<SpecialPeople> {
  const { rows } = await sql<SpecialPeople>`
    select exists (select from subscriber where account_id = ${account} and remote_id is null and erased_at is null) as "hasUploaded",
      exists (select from subscriber where account_id = ${account} and remote_id is not null) as "hasRemote",
      exists (select from subscriber where account_id = ${account} and is_former) as "hasFormer",
      exists (select from subscriber where account_id = ${account} and unsubscribed_at is not null) as "hasUnsubscribed",
      exists (select from subscriber where account_id = ${account} and bad_email_at is not null) as "hasBadEmail",
      exists (select from writeback where account_id = ${account}) as "hasWritebacks"`.execute(tx);
  return rows[0] as SpecialPeople;
}

/**
 * An uploaded subscriber becomes the AMS's record that comes with its address: the first of them. (product 2.2) Another
 * address that the record had so far is its present one until the difference is written.
 * @returns whether there was any, so that what was compared is out of date
 */
export async function tieUploads(tx: Tx, account: AccountId, staged: Staged, now: Temporal.Instant): Promise<boolean> {
  const result = await sql`update subscriber s set remote_id = st.remote_id, is_former = true, updated_at = ${now}
    from ${staged} st
    where s.account_id = ${account} and s.remote_id is null and st.reason is null and st.email_key = s.email_key
      and not exists (select from subscriber o where o.account_id = s.account_id and o.email_key = st.email_key
        and o.remote_id = st.remote_id)`.execute(tx);
  return (result.numAffectedRows ?? 0n) > 0n;
}

/** Rows written that could make the planner's picture wrong. */
export const rowsWorthStatistics = 100;

/** Lets the planner know of what was just written, if that is much. After the commit, in a transaction of its own. */
export async function refreshStatistics(tx: Tx, written: number): Promise<void> {
  await sql`select refresh_statistics(${written}::int)`.execute(tx);
}
