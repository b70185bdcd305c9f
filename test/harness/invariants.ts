import { type RawBuilder, sql } from "kysely";
import { expect } from "vitest";
import type { Context } from "../../src/domain/context.ts";
import { verifyData } from "../../src/domain/syncs/verify.ts";

/** What must be true of any data at any commit, each as a query for what breaks it. Written apart from `verify`. */
const rules: Readonly<Record<string, RawBuilder<unknown>>> = {
  "1.6 counts equal members by standing": sql`
    select g.name, g.do_not_email, g.unsubscribed, g.bad_email, g.sendable, m.* from target_group g
    cross join lateral (
      select count(*) filter (where s.standing = 'do_not_email')::int as d, count(*) filter (where s.standing = 'unsubscribed')::int as u,
        count(*) filter (where s.standing = 'bad_email')::int as b, count(*) filter (where s.standing = 'sendable')::int as s
      from membership m join subscriber s on s.id = m.subscriber_id
      where m.group_id = g.id and m.removed_by is null) m
    where g.kind = 'bridge' and (g.do_not_email, g.unsubscribed, g.bad_email, g.sendable) is distinct from (m.d, m.u, m.b, m.s)`,
  "1.6 the chain adds up": sql`
    select name from target_group
    where total_records <> unusable + without_address + malformed_address + duplicate + distinct_valid
      or distinct_valid <> do_not_email + unsubscribed + bad_email + sendable`,
  "1.7 rejected rows are as many as the chain says": sql`
    select g.name from target_group g where g.kind = 'bridge' and (g.unusable, g.without_address, g.malformed_address, g.duplicate)
      is distinct from (select (count(*) filter (where reason in ('key_missing', 'key_malformed', 'flag_malformed', 'erased'))::int,
          count(*) filter (where reason = 'without_address')::int, count(*) filter (where reason = 'malformed_address')::int,
          count(*) filter (where reason like 'duplicate%')::int)
        from rejected_row r where r.group_id = g.id and r.removed_by is null)`,
  "1.8 members now are those added and not removed": sql`
    with history as (
      select g.id, g.name, g.distinct_valid, coalesce(sum(s.added - s.removed), 0) as members
      from target_group g left join sync s on s.group_id = g.id and s.state = 'succeeded' and not s.is_dry_run
      where g.kind = 'bridge' group by g.id, g.name, g.distinct_valid)
    select * from history where members <> distinct_valid`,
  "1.8 periods of one person in one group don't overlap": sql`
    select a.group_id, a.subscriber_id from membership a
    join membership b on b.group_id = a.group_id and b.subscriber_id = a.subscriber_id and b.ctid > a.ctid
    join sync aa on aa.id = a.added_by left join sync ar on ar.id = a.removed_by
    join sync ba on ba.id = b.added_by left join sync br on br.id = b.removed_by
    where tstzrange(aa.finished_at, ar.finished_at) && tstzrange(ba.finished_at, br.finished_at)`,
  "1.4 one sync of a group at a time": sql`
    select bridge_id, group_id from sync where state in ('reading', 'comparing', 'applying', 'held') and not is_dry_run
    group by bridge_id, group_id having count(*) > 1`,
  "1.2 no sync is left without an end": sql`
    select id, state, requested_by from sync
    where (state in ('reading', 'comparing', 'applying'))
      or (state = 'held') <> (held_reason is not null and finished_at is null)`,
  "1.2 the group is its last good sync's": sql`
    select g.name from target_group g where g.counted_by is not null and not exists (
      select from sync s where s.id = g.counted_by and s.group_id = g.id and s.state = 'succeeded' and not s.is_dry_run)`,
  "6.4 nothing points into another account": sql`
    select m.subscriber_id from membership m join subscriber s on s.id = m.subscriber_id join target_group g on g.id = m.group_id
    where m.account_id <> s.account_id or m.account_id <> g.account_id`,
};

/** The data's own rules, by this harness and by `lockstep verify`. A test that breaks one fails. */
export async function checkInvariants(ctx: Context): Promise<void> {
  const broken: Record<string, unknown> = {};
  for (const [rule, query] of Object.entries(rules)) {
    const { rows } = await ctx.db.system((tx) => query.execute(tx));
    if (rows.length > 0) broken[rule] = rows.slice(0, 5);
  }
  expect(broken).toEqual({});
  expect(await verifyData(ctx)).toEqual([]);
}
