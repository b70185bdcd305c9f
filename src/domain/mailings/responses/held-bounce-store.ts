import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { BadEmailMark } from "../../subscribers/wish-store.ts";
import type { InstanceId } from "../mailing.ts";
import type { RecipientRef } from "../recipient.ts";

/** Hard bounces of one publishing that came in a flood and wait for a decision. */
export interface HeldBounces {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly people: number;
  /** Of them: whom the AMS was told of before the flood was known. They stay marked as bad until the decision. */
  readonly stillMarked: number;
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
  /** The AMS was told before the flood was known. */
  readonly isStillMarked: boolean;
}

/** A hard bounce that waits: whom it is about, and when it came, which is when its mark was made, if it made one. */
export interface FloodBounce extends BadEmailMark {
  readonly place: number;
}

const hardBounce = sql`a.kind = 'bounce' and a.detail like 'hard:%'`;

/** Whether the hard bounce that came before this one is held. `mailing_activity_of_instance` finds it. */
export async function isBounceBeforeHeld(
  tx: Tx,
  account: AccountId,
  { instance, place }: RecipientRef,
  at: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`
    select from held_bounce h where h.account_id = ${account} and h.instance_id = ${instance} and h.place = (
      select a.place from mailing_activity a where a.account_id = ${account} and a.instance_id = ${instance} and ${hardBounce}
        and a.at <= ${at} and a.place <> ${place} order by a.at desc, a.id desc limit 1)`.execute(tx);
  return rows.length > 0;
}

/**
 * Hard bounces since then whose marks stand. An address that was bad before, or is by a later decision, isn't theirs. One
 * walk through the recipients, and each person by id: a mailing that just went out has no statistics yet, and joined
 * freely the server may take all of them by all of them.
 */
export async function selectFloodMarks(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  since: Temporal.Instant,
): Promise<readonly FloodBounce[]> {
  const { rows } = await sql<FloodBounce>`
    select r.place, r.subscriber_id as "subscriberId", r.bounced_at as at from recipient r
    cross join lateral (
      select s.bad_email_at from subscriber s where s.account_id = ${account} and s.id = r.subscriber_id offset 0) s
    where r.account_id = ${account} and r.instance_id = ${instance} and r.bounce_kind = 'hard' and r.bounced_at >= ${since}
      and s.bad_email_at = r.bounced_at
      and r.place not in (select place from held_bounce where account_id = ${account} and instance_id = ${instance})`.execute(
    tx,
  );
  return rows;
}

export async function insertHeldBounces(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  bounces: readonly FloodBounce[],
): Promise<void> {
  await sql`insert into held_bounce (account_id, instance_id, place, subscriber_id, at)
    select ${account}::uuid, ${instance}::uuid, b.place, b.subscriber_id, b.at
    from unnest(${bounces.map(({ place }) => place)}::int[], ${bounces.map(({ subscriberId }) => subscriberId)}::bigint[],
      ${bounces.map(({ at }) => at.toString())}::timestamptz[]) as b (place, subscriber_id, at)`.execute(tx);
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
      select h.instance_id, count(*) as people, count(s.id) as marked, min(h.at) as first, max(h.at) as last from held_bounce h
      left join subscriber s on s.account_id = h.account_id and s.id = h.subscriber_id and s.bad_email_at = h.at
      where h.account_id = ${account} ${only ? sql`and h.instance_id = ${only}` : sql``}
      group by h.instance_id order by last desc limit ${instancesShown})
    select h.instance_id as "instanceId", i.name, h.people, h.marked as "stillMarked", h.first as "firstAt", h.last as "lastAt",
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
    select h.place, h.subscriber_id as "subscriberId", r.email, h.at, r.bounce_reason as reason,
      coalesce(s.bad_email_at = h.at, false) as "isStillMarked"
    from held_bounce h
    join recipient r on r.account_id = h.account_id and r.instance_id = h.instance_id and r.place = h.place
    left join subscriber s on s.account_id = h.account_id and s.id = h.subscriber_id
    where h.account_id = ${account} and h.instance_id = ${instance} and h.place > ${after}
    order by h.place limit ${limit}`.execute(tx);
  return rows;
}

/** Takes some of them out. @returns whom they are about, and when they came */
export async function takeHeld(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  most: number,
): Promise<readonly BadEmailMark[]> {
  const { rows } = await sql<BadEmailMark>`
    delete from held_bounce h where h.account_id = ${account} and h.instance_id = ${instance} and h.place = any(array(
      select place from held_bounce where account_id = ${account} and instance_id = ${instance}
      order by place limit ${most} for update))
    returning h.subscriber_id as "subscriberId", h.at`.execute(tx);
  return rows;
}
