import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { GroupId } from "../../target-groups/target-group.ts";
import type { Audience, InstanceId, MailingId } from "../mailing.ts";

/**
 * How many the last publish went to: of the same mailing, or to just the same groups, whichever was later. Null when
 * there was none. (product 1.5)
 */
export async function selectLastRecipients(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  audience: Audience,
  own: InstanceId | null,
): Promise<number | null> {
  const { rows } = await sql<{ recipients: number }>`
    with alike as (
      -- By the index of one of the groups; then all of them, and no other.
      select g.instance_id from instance_group g
      where g.account_id = ${account} and g.group_id = ${audience.to[0] ?? null}::uuid and g.side = 'to'
        and (select array_agg(o.side || o.group_id order by o.side || o.group_id) from instance_group o
             where o.account_id = g.account_id and o.instance_id = g.instance_id)
          = (select array_agg(x order by x) from unnest(${[
            ...audience.to.map((id) => `to${id}`),
            ...audience.notTo.map((id) => `not_to${id}`),
          ]}::text[]) x))
    select i.recipients from mailing_instance i
    where i.account_id = ${account} and i.id is distinct from ${own}::uuid and i.sending_at is not null
      and (i.mailing_id = ${mailing} or i.id in (select instance_id from alike))
    order by i.sending_at desc, i.id desc limit 1`.execute(tx);
  return rows[0]?.recipients ?? null;
}

/**
 * How many people these groups had in the middle of the last 30 days, and have now, each group counted for itself.
 * @param before only reads that ended before it count: a publish isn't measured against its own
 */
export async function selectMedians(
  tx: Tx,
  account: AccountId,
  groups: readonly GroupId[],
  before: Temporal.Instant,
): Promise<{ readonly people: number; readonly now: number } | null> {
  const { rows } = await sql<{ people: number | null; now: number | null; unknown: number }>`
    select sum(m.median)::float8 as people, sum(g.sendable)::float8 as now, count(*) filter (where m.median is null) as unknown
    from target_group g
    cross join lateral (select percentile_disc(0.5) within group (order by s.sendable) as median from sync s
      where s.account_id = g.account_id and s.group_id = g.id and s.state = 'succeeded' and not s.is_dry_run
        and s.finished_at < ${before} and s.finished_at >= ${before}::timestamptz - interval '30 days') m
    where g.account_id = ${account} and g.id = any(${groups}::uuid[])`.execute(tx);
  const [found] = rows;
  if (!found || found.people === null || found.now === null || found.unknown > 0) return null;
  return { people: found.people, now: found.now };
}
