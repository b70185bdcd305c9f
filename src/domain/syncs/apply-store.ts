import { sql } from "kysely";
import type { FieldName } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { difference } from "./difference-store.ts";
import type { Staged } from "./staging-store.ts";
import type { SyncId } from "./sync.ts";

export interface Applied {
  readonly account: AccountId;
  readonly group: GroupId;
  readonly sync: SyncId;
  readonly staged: Staged;
  /** Fields that were read, but are no longer kept. */
  readonly dropped: readonly FieldName[];
  readonly now: Temporal.Instant;
  /** When the read began: what it says may be as old as that. */
  readonly readFrom: Temporal.Instant;
}

/** Values of a field that an administrator stopped keeping while they were read, or while the read was held. (2.5) */
const valuesToKeep = (dropped: readonly FieldName[]) =>
  dropped.length === 0 ? sql`st."values"::jsonb` : sql`st."values"::jsonb - ${dropped}::text[]`;

/** The digest is of all that was read: where less is kept, the next read writes the row again. */
const hashToKeep = (dropped: readonly FieldName[]) => (dropped.length === 0 ? sql`st.row_hash` : sql`null::uuid`);

/**
 * What the AMS brings overwrites what it brought before; what was set here (unsubscribe, bad e-mail) is not touched.
 * (product 2.3) The trigger on the table moves the counts of every group whose member's standing changed.
 *
 * Flags that `judgeFlags` looked at stand in the difference. Of all others no writeback was ever made, and only one thing
 * counts: a read that began before the flag was last written lifts nothing, and is read again.
 */
export async function updateChanged(tx: Tx, { account, staged, dropped, now, readFrom }: Applied): Promise<void> {
  const isOlder = sql`(s.do_not_email and not st.do_not_email and s.updated_at >= ${readFrom})`;
  await sql`update subscriber s set email = st.email, "values" = ${valuesToKeep(dropped)}, is_former = false,
      do_not_email = coalesce(d.flag, st.do_not_email or ${isOlder}),
      flag_is_ours = coalesce(d.flag_is_ours, s.flag_is_ours and (st.do_not_email or ${isOlder})),
      row_hash = case when d.is_read_again or (d.flag is null and ${isOlder}) then null else ${hashToKeep(dropped)} end, updated_at = ${now}
    from ${difference} d join ${staged} st on st.sequence = d.sequence
    where d.is_changed and s.account_id = ${account} and s.id = d.subscriber_id`.execute(tx);
}

export async function insertNew(tx: Tx, { account, staged, dropped, now }: Applied): Promise<void> {
  await sql`insert into subscriber (account_id, id, remote_id, email, email_key, "values", do_not_email, flag_is_ours, row_hash, created_at, updated_at)
    select ${account}::uuid, d.subscriber_id, st.remote_id, st.email, st.email_key, ${valuesToKeep(dropped)},
      coalesce(d.flag, st.do_not_email), coalesce(d.flag_is_ours, false),
      case when d.is_read_again then null else ${hashToKeep(dropped)} end, ${now}::timestamptz, ${now}::timestamptz
    from ${difference} d join ${staged} st on st.sequence = d.sequence
    where d.is_new`.execute(tx);
}

/** How members stand, as numbers by standing. */
export type Standings = Readonly<Record<"do_not_email" | "unsubscribed" | "bad_email" | "sendable", number>>;

const standingCounts = sql`
  count(*) filter (where standing = 'do_not_email') as do_not_email, count(*) filter (where standing = 'unsubscribed') as unsubscribed,
  count(*) filter (where standing = 'bad_email') as bad_email, count(*) filter (where standing = 'sendable') as sendable`;

/** Ends the membership of those who left. @returns how they stand */
export async function closeMemberships(tx: Tx, { account, group, sync }: Applied): Promise<Standings> {
  const { rows } = await sql<Standings>`
    with closed as (
      update membership m set removed_by = ${sync} from ${difference} d
      where d.leaves and m.account_id = ${account} and m.group_id = ${group} and m.subscriber_id = d.subscriber_id
        and m.removed_by is null
      returning m.subscriber_id
    )
    select ${standingCounts} from closed c join subscriber s on s.account_id = ${account} and s.id = c.subscriber_id`.execute(
    tx,
  );
  return rows[0] as Standings;
}

/** Begins the membership of those who came. @returns how they stand */
export async function openMemberships(tx: Tx, { account, group, sync }: Applied): Promise<Standings> {
  const { rows } = await sql<Standings>`
    with opened as (
      insert into membership (account_id, group_id, subscriber_id, added_by)
      select ${account}::uuid, ${group}::uuid, d.subscriber_id, ${sync}::uuid from ${difference} d where d.joins
      returning subscriber_id
    )
    select ${standingCounts} from opened o join subscriber s on s.account_id = ${account} and s.id = o.subscriber_id`.execute(
    tx,
  );
  return rows[0] as Standings;
}

/** Keeps the rows that can't be used, as periods: only what differs from the last read is written. (product 1.7) */
export async function replaceRejectedRows(tx: Tx, { account, group, sync, staged }: Applied): Promise<void> {
  // A row is recognised by what it says; rows that say the same are told apart by how many came before.
  await sql`
    with found as materialized (
      select md5(concat_ws(E'\\x1f', reason, remote_id, email,
          row_number() over (partition by reason, remote_id, email order by sequence)))::uuid as fingerprint,
        remote_id, email, reason
      from ${staged} where reason is not null
    ), closed as (
      update rejected_row r set removed_by = ${sync}
      where r.account_id = ${account} and r.group_id = ${group} and r.removed_by is null
        and not exists (select from found where found.fingerprint = r.fingerprint)
    )
    insert into rejected_row (account_id, group_id, fingerprint, remote_id, email, reason, added_by)
    select ${account}::uuid, ${group}::uuid, f.fingerprint, f.remote_id, f.email, f.reason, ${sync}::uuid
    from found f
    where not exists (select from rejected_row r where r.group_id = ${group} and r.fingerprint = f.fingerprint and r.removed_by is null)`.execute(
    tx,
  );
}
