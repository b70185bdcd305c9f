import { sql } from "kysely";
import type { FieldName } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { difference } from "./difference-store.ts";
import type { Staged } from "./staging-store.ts";
import type { SyncId } from "./sync.ts";

interface Applied {
  readonly account: AccountId;
  readonly group: GroupId;
  readonly sync: SyncId;
  readonly staged: Staged;
  /** Fields that were read, but are no longer kept. */
  readonly dropped: readonly FieldName[];
  readonly now: Temporal.Instant;
}

/** Values of a field that an administrator stopped keeping while they were read, or while the read was held. (2.5) */
const valuesToKeep = (dropped: readonly FieldName[]) =>
  dropped.length === 0 ? sql`st."values"::jsonb` : sql`st."values"::jsonb - ${dropped}::text[]`;

/** The digest is of all that was read: where less is kept, the next read writes the row again. */
const hashToKeep = (dropped: readonly FieldName[]) => (dropped.length === 0 ? sql`st.row_hash` : sql`null::uuid`);

/**
 * What the AMS brings overwrites what it brought before; what was set here (unsubscribe, bad e-mail) is not touched.
 * (product 2.3) The trigger on the table moves the counts of every group whose member's standing changed.
 */
export async function updateChanged(tx: Tx, { account, staged, dropped, now }: Applied): Promise<void> {
  await sql`update subscriber s set email = st.email, "values" = ${valuesToKeep(dropped)}, do_not_email = st.do_not_email,
      row_hash = ${hashToKeep(dropped)}, updated_at = ${now}
    from ${difference} d join ${staged} st on st.sequence = d.sequence
    where d.is_changed and s.account_id = ${account} and s.id = d.subscriber_id`.execute(tx);
}

export async function insertNew(tx: Tx, { account, staged, dropped, now }: Applied): Promise<void> {
  await sql`insert into subscriber (account_id, id, remote_id, email, email_key, "values", do_not_email, row_hash, created_at, updated_at)
    select ${account}::uuid, d.subscriber_id, st.remote_id, st.email, st.email_key, ${valuesToKeep(dropped)}, st.do_not_email,
      ${hashToKeep(dropped)}, ${now}::timestamptz, ${now}::timestamptz
    from ${difference} d join ${staged} st on st.sequence = d.sequence
    where d.is_new`.execute(tx);
}

/**
 * A person who comes with another address, a new one or one from before, is another subscriber, but said no all the
 * same: the unsubscribe follows the customer key, the bad e-mail stays with the address. (product 2.1, 2.3, 2.4)
 */
export async function carryUnsubscribes(tx: Tx, { account, now }: Applied): Promise<void> {
  await sql`update subscriber n set unsubscribed_at = p.unsubscribed_at, unsubscribe_origin = p.unsubscribe_origin,
      unsubscribe_reason = p.unsubscribe_reason, updated_at = ${now}
    from (
      select distinct on (remote_id) remote_id, unsubscribed_at, unsubscribe_origin, unsubscribe_reason
      from subscriber where account_id = ${account} and unsubscribed_at is not null and remote_id is not null
      order by remote_id, unsubscribed_at desc) p,
      ${difference} d
    where (d.is_new or d.joins) and n.account_id = ${account} and n.id = d.subscriber_id and n.remote_id = p.remote_id
      and n.unsubscribed_at is null`.execute(tx);
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
