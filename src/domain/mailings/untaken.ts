import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { InstanceId } from "./mailing.ts";

/*
 * Recipients who are still to be sent to are of two kinds. Who was never in a process's hands is found by place, beyond the
 * instance's mark, in the order of the primary key: a freeze writes no index for them. (docs/decisions/0034)
 */

/** A recipient whom nobody has taken yet, as SQL over `recipient`. */
export const isUntaken = sql<boolean>`state = 'waiting' and claimed_at is null`;

/** One who was taken and waits again: put back, deferred, or freed from a dead process. `recipient_to_send` holds these alone. */
export const comesBack = sql<boolean>`state in ('waiting', 'deferred') and claimed_at is not null`;

/**
 * Whether somebody of an instance was never taken. In the order of places, so that the key is read from the mark on and
 * not the table.
 * @param i the instance's row, as SQL
 */
export const hasUntaken = (i: RawBuilder<unknown>) =>
  sql<boolean>`exists (select from recipient where account_id = ${i}.account_id and instance_id = ${i}.id
    and place > coalesce((select taken_to from delivery_mark m
      where m.account_id = ${i}.account_id and m.instance_id = ${i}.id), 0)
    and ${isUntaken} order by place limit 1)`;

/**
 * Locks an instance's mark until the transaction's end: whoever takes untaken recipients does so one after the other.
 * @param state the instance must be in it, and its account at work
 * @returns the place up to which nobody is untaken, or null when the instance isn't in that state
 */
export async function lockMark(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  state: "sending" | "cancelled",
): Promise<number | null> {
  const { rows } = await sql<{ takenTo: number }>`
    insert into delivery_mark as m (account_id, instance_id, taken_to)
    select i.account_id, i.id, 0 from mailing_instance i join account a on a.id = i.account_id
    where i.account_id = ${account} and i.id = ${instance} and i.state = ${state}
      and (a.suspended_at is null or i.state = 'cancelled')
    on conflict (account_id, instance_id) do update set taken_to = m.taken_to
    returning m.taken_to as "takenTo"`.execute(tx);
  return rows[0]?.takenTo ?? null;
}

/**
 * Untaken recipients beyond the mark, locked, and the mark moved up to the last of them: the tables `first` and `moved` of
 * a `with`. The caller has locked the mark, and takes all of `first` in the same statement.
 * @param most as SQL
 */
export const takeUntaken = (account: AccountId, instance: InstanceId, takenTo: number, most: RawBuilder<unknown>) =>
  sql`first as (
      select place, subscriber_id from recipient
      where account_id = ${account} and instance_id = ${instance} and place > ${takenTo} and ${isUntaken}
      order by place limit ${most} for update),
    moved as (
      update delivery_mark set taken_to = (select max(place) from first)
      where account_id = ${account} and instance_id = ${instance} and exists (select from first))`;
