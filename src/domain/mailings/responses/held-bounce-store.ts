import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";
import type { RecipientRef } from "../recipient.ts";

/** Hard bounces of one publishing that came in a flood and mark nobody yet. */
export interface HeldBounces {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly people: number;
  readonly firstAt: Temporal.Instant;
  readonly lastAt: Temporal.Instant;
  /** The most frequent words of the receiving servers, at most three. */
  readonly reasons: readonly { readonly reason: string; readonly people: number }[];
}

/** One of them. */
export interface HeldBounce {
  readonly place: number;
  readonly subscriberId: number;
  readonly email: string;
  readonly at: Temporal.Instant;
  readonly reason: string | null;
}

export async function insertHeldBounce(
  tx: Tx,
  account: AccountId,
  { instance, place }: RecipientRef,
  subscriberId: number,
  at: Temporal.Instant,
): Promise<void> {
  await sql`insert into held_bounce (account_id, instance_id, place, subscriber_id, at)
    values (${account}, ${instance}, ${place}, ${subscriberId}, ${at})`.execute(tx);
}

const reasonsShown = 3;
const instancesShown = 20;

/** Publishings with held bounces, the latest first. @param only of this one alone */
export async function selectHeldByInstance(
  tx: Tx,
  account: AccountId,
  only?: InstanceId,
): Promise<readonly HeldBounces[]> {
  const { rows } = await sql<HeldBounces>`
    with held as (
      select h.instance_id, count(*) as people, min(h.at) as first, max(h.at) as last from held_bounce h
      where h.account_id = ${account} ${only ? sql`and h.instance_id = ${only}` : sql``}
      group by h.instance_id order by last desc limit ${instancesShown})
    select h.instance_id as "instanceId", i.name, h.people, h.first as "firstAt", h.last as "lastAt",
      (select jsonb_agg(jsonb_build_object('reason', x.reason, 'people', x.people) order by x.people desc, x.reason) from (
        select coalesce(r.bounce_reason, '') as reason, count(*) as people from held_bounce b
        join recipient r on r.account_id = b.account_id and r.instance_id = b.instance_id and r.place = b.place
        where b.account_id = ${account} and b.instance_id = h.instance_id
        group by 1 order by 2 desc, 1 limit ${reasonsShown}) x) as reasons
    from held h join mailing_instance i on i.account_id = ${account} and i.id = h.instance_id
    order by h.last desc`.execute(tx);
  return rows;
}

export async function selectHeld(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  { limit, after = 0 }: { readonly limit: number; readonly after?: number | undefined },
): Promise<readonly HeldBounce[]> {
  const { rows } = await sql<HeldBounce>`
    select h.place, h.subscriber_id as "subscriberId", r.email, h.at, r.bounce_reason as reason from held_bounce h
    join recipient r on r.account_id = h.account_id and r.instance_id = h.instance_id and r.place = h.place
    where h.account_id = ${account} and h.instance_id = ${instance} and h.place > ${after}
    order by h.place limit ${limit}`.execute(tx);
  return rows;
}

/** Takes some of them out. @returns whom they are about */
export async function takeHeld(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  most: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ subscriberId: number }>`
    delete from held_bounce h using (
      select place from held_bounce where account_id = ${account} and instance_id = ${instance}
      order by place limit ${most} for update) taken
    where h.account_id = ${account} and h.instance_id = ${instance} and h.place = taken.place
    returning h.subscriber_id as "subscriberId"`.execute(tx);
  return rows.map(({ subscriberId }) => subscriberId);
}
