import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { WritebackType } from "../writebacks/writeback.ts";
import type { Flag, FlagKnown, KeyStanding } from "./standing.rules.ts";

/** All that decides about one customer key, its former addresses included. */
export interface KeyFacts {
  readonly remoteId: string;
  /** The entry with the address that the AMS has now. */
  readonly subscriberId: number;
  readonly email: string;
  readonly flag: Flag;
  /** When an entry with the flag was last written; null when none has it. */
  readonly flagWrittenAt: Temporal.Instant | null;
  readonly isUnsubscribed: boolean;
  readonly isBadEmail: boolean;
  /** The writeback that waits, is under way or failed, and will change the flag; of several the last. */
  readonly open: WritebackType | null;
  /** The last writeback that changed the AMS's flag, or may have. */
  readonly reached: {
    readonly id: number;
    readonly type: WritebackType;
    /** Null while it is under way. */
    readonly at: Temporal.Instant | null;
    /** When it was found out that the AMS's people had lifted what it set. */
    readonly undoneAt: Temporal.Instant | null;
  } | null;
}

/**
 * What is known of these customer keys, a few look-ups for each: `subscriber_by_remote_id`, `writeback_unsent` and
 * `writeback_of_person`. Keys of nobody are left out.
 */
export async function selectKeyFacts(
  tx: Tx,
  account: AccountId,
  remoteIds: readonly string[],
): Promise<readonly KeyFacts[]> {
  if (remoteIds.length === 0) return [];
  const { rows } = await sql<Omit<KeyFacts, "reached"> & Reached>`
    select k.remote_id as "remoteId", p.id as "subscriberId", p.email, p.flag, p.flag_written_at as "flagWrittenAt",
      p.is_unsubscribed as "isUnsubscribed", p.is_bad_email as "isBadEmail", o.type as open,
      r.id as "reachedId", r.type as "reachedType", r.ended_at as "reachedAt", r.undone_at as "undoneAt"
    from unnest(${remoteIds}::text[]) k (remote_id)
    cross join lateral (
      select (array_agg(s.id order by s.is_former, s.id))[1] as id, (array_agg(s.email order by s.is_former, s.id))[1] as email,
        case when bool_or(s.do_not_email and not s.flag_is_ours) then 'ams' when bool_or(s.do_not_email) then 'here' else 'none' end as flag,
        max(s.updated_at) filter (where s.do_not_email) as flag_written_at,
        bool_or(s.unsubscribed_at is not null) as is_unsubscribed,
        bool_or(s.bad_email_at is not null and not s.is_former) as is_bad_email
      from subscriber s where s.account_id = ${account} and s.remote_id = k.remote_id) p
    left join lateral (
      select w.type from writeback w
      where w.account_id = ${account} and w.remote_id = k.remote_id and not w.lifts_nothing and w.state in ('ready', 'processing', 'failed')
      order by w.id desc limit 1) o on true
    left join lateral (
      select w.id, w.type, w.ended_at, w.undone_at from writeback w
      where w.account_id = ${account} and w.remote_id = k.remote_id and not w.lifts_nothing
        and (w.state in ('sent', 'processing') or w.is_unsure or w.flag_set_at is not null)
      order by w.id desc limit 1) r on true
    where p.id is not null`.execute(tx);
  return rows.map(({ reachedId, reachedType, reachedAt, undoneAt, ...facts }) => ({
    ...facts,
    reached: reachedId === null ? null : { id: reachedId, type: reachedType, at: reachedAt, undoneAt },
  }));
}

interface Reached {
  readonly reachedId: number | null;
  readonly reachedType: WritebackType;
  readonly reachedAt: Temporal.Instant | null;
  readonly undoneAt: Temporal.Instant | null;
}

/** Whether a writeback set the flag, or may have, and nobody cleared it since. */
export function hasSetFlag({ reached }: KeyFacts): boolean {
  return reached !== null && reached.type !== "resubscribe" && reached.undoneAt === null;
}

/** What is known of a key, seen from a read that began at an instant. One of the same instant counts as later. */
export function knownAt(facts: KeyFacts, readFrom: Temporal.Instant): FlagKnown {
  const { flag, flagWrittenAt, open, reached } = facts;
  const isLate = (at: Temporal.Instant | null) => at !== null && Temporal.Instant.compare(at, readFrom) >= 0;
  const isLateReached = reached !== null && (reached.at === null || isLate(reached.at) || isLate(reached.undoneAt));
  return {
    flag,
    isNewer: isLate(flagWrittenAt),
    mayBeOurs: hasSetFlag(facts) || isLateReached || open === "resubscribe",
    isInDoubt: open !== null || isLateReached,
  };
}

export function keyStandingOf(facts: KeyFacts): KeyStanding {
  const { flag, isUnsubscribed, isBadEmail, open, reached } = facts;
  const told = reached === null || reached.undoneAt !== null ? null : reached.type;
  return { flag, isUnsubscribed, isBadEmail, told: open ?? told };
}

/** Lets nobody begin to send what waits of these keys before the transaction ends. */
export async function lockOpenWritebacks(tx: Tx, account: AccountId, remoteIds: readonly string[]): Promise<void> {
  await sql`select from writeback where account_id = ${account} and remote_id = any(${remoteIds}::text[])
    and state in ('ready', 'processing', 'failed') order by id for update`.execute(tx);
}

/**
 * What has not reached the AMS of keys whose flag is known as its own leaves it as it is from now on: its people may lift
 * it unseen, and what we set then would be taken for theirs. What such a one took the place of may come back, and is
 * marked, too. What a worker has taken meanwhile goes on.
 */
export async function updateLeavesFlag(tx: Tx, account: AccountId, remoteIds: readonly string[]): Promise<void> {
  if (remoteIds.length === 0) return;
  await sql`update writeback set lifts_nothing = true
    where account_id = ${account} and remote_id = any(${remoteIds}::text[]) and not lifts_nothing
      and state in ('ready', 'failed', 'superseded') and not is_unsure and flag_set_at is null`.execute(tx);
}

/** The AMS's people lifted what these writebacks had set. */
export async function updateUndone(tx: Tx, account: AccountId, ids: readonly number[], now: Temporal.Instant) {
  await sql`update writeback set undone_at = ${now}
    where account_id = ${account} and id = any(${ids}::bigint[]) and undone_at is null`.execute(tx);
}

/** The next read that brings these keys looks at their flags, though the AMS says what it said before. */
export async function updateReadAgain(tx: Tx, account: AccountId, remoteIds: readonly string[]): Promise<void> {
  if (remoteIds.length === 0) return;
  await sql`update subscriber set row_hash = null
    where account_id = ${account} and remote_id = any(${remoteIds}::text[]) and row_hash is not null`.execute(tx);
}

/**
 * Says of keys whose the flag is, for all entries of each. A flag that is changed here is looked at by the next read.
 * @param flag `none` forgets it: a Resubscribe is on its way
 */
export async function updateFlag(
  tx: Tx,
  account: AccountId,
  remoteIds: readonly string[],
  flag: "none" | "here",
  now: Temporal.Instant,
): Promise<void> {
  if (remoteIds.length === 0) return;
  const isSet = flag === "here";
  await sql`
    with chosen as materialized (
      select s.id from subscriber s where s.account_id = ${account} and s.remote_id = any(${remoteIds}::text[])
        and (s.do_not_email or ${isSet}) and (not s.do_not_email or s.flag_is_ours) order by s.id for no key update)
    update subscriber s set do_not_email = ${isSet}, flag_is_ours = ${isSet}, row_hash = null, updated_at = ${now}
    from chosen c where s.account_id = ${account} and s.id = c.id`.execute(tx);
}
