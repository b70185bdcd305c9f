import { type RawBuilder, sql } from "kysely";
import type { Context } from "../context.ts";
import { findErasedSubscribers } from "../subscribers/find-erased-subscribers.ts";
import { endedStates, runningStates } from "./store.ts";

export interface Finding {
  readonly rule: string;
  /** What is wrong, and where. */
  readonly message: string;
}

interface Check {
  readonly rule: string;
  /** Rows with a `message` each: whatever it finds is wrong. */
  readonly query: RawBuilder<{ message: string }>;
}

/** The data's own rules, each as a query for what breaks it. (reliability P23) */
const checks: readonly Check[] = [
  {
    rule: "1.6 counts equal members",
    query: sql`
      select format('target group %s (%s): its counts say %s, its members are %s', g.name, g.id,
          array[g.do_not_email, g.unsubscribed, g.bad_email, g.sendable], array[m.do_not_email, m.unsubscribed, m.bad_email, m.sendable]) as message
      from target_group g
      cross join lateral (
        select count(*) filter (where s.standing = 'do_not_email')::int as do_not_email, count(*) filter (where s.standing = 'unsubscribed')::int as unsubscribed,
          count(*) filter (where s.standing = 'bad_email')::int as bad_email, count(*) filter (where s.standing = 'sendable')::int as sendable
        from membership m join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id
        where m.group_id = g.id and m.removed_by is null) m
      where g.kind <> 'compound'
        and (g.do_not_email, g.unsubscribed, g.bad_email, g.sendable) <> (m.do_not_email, m.unsubscribed, m.bad_email, m.sendable)`,
  },
  {
    rule: "1.7 rejected rows equal their counts",
    query: sql`
      select format('target group %s (%s): its chain sets %s rows aside, %s are kept', g.name, g.id,
          g.unusable + g.without_address + g.malformed_address + g.duplicate, r.rows) as message
      from target_group g
      cross join lateral (select count(*) as rows from rejected_row r where r.group_id = g.id and r.removed_by is null) r
      where g.kind <> 'compound' and g.unusable + g.without_address + g.malformed_address + g.duplicate <> r.rows`,
  },
  {
    rule: "1.8 history replays",
    query: sql`
      with ordered as (
        select s.*, lag(distinct_valid) over (partition by group_id order by finished_at, id) as before
        from sync s where kind = 'subscriber' and state = 'succeeded' and not is_dry_run)
      select format('sync %s: %s members before, +%s −%s, but %s after; the sync before left %s', id, members_before, added, removed, distinct_valid, before) as message
      from ordered
      where members_before + added - removed <> distinct_valid or coalesce(before, 0) <> members_before`,
  },
  {
    rule: "1.8 every change is a good sync's",
    query: sql`
      select format('sync %s is %s, but changed members', s.id, s.state) as message from sync s
      where (s.state <> 'succeeded' or s.is_dry_run)
        and (exists (select from membership m where m.added_by = s.id) or exists (select from membership m where m.removed_by = s.id))`,
  },
  {
    rule: "1.8 a sync's numbers are its changes",
    query: sql`
      select format('sync %s says +%s −%s, its history has +%s −%s', s.id, s.added, s.removed, a.n, r.n) as message
      from sync s
      cross join lateral (select count(*) as n from membership m where m.added_by = s.id) a
      cross join lateral (select count(*) as n from membership m where m.removed_by = s.id) r
      where s.kind in ('subscriber', 'upload') and s.state = 'succeeded' and not s.is_dry_run and (s.added, s.removed) <> (a.n, r.n)`,
  },
  {
    rule: "1.2 no sync without an end",
    query: sql`
      select format('sync %s is %s since %s, and no process works on it', id, state, coalesce(progress_at, requested_at)) as message
      from sync
      where (state in ${runningStates} and (run_by is null or not is_alive(run_by::text)) and coalesce(progress_at, requested_at) < now() - interval '10 minutes')
        or (state = 'queued' and requested_at < now() - interval '24 hours')`,
  },
  {
    rule: "1.2 nothing staged is left behind",
    query: sql`
      select format('staging table %s belongs to no open sync', c.relname) as message
      from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'staging'
      where c.relkind = 'r' and not exists (
        select from sync s where (s.state not in ${endedStates} or s.is_dry_run)
          and replace(s.id::text, '-', '') = substring(c.relname from '[0-9a-f]{32}$'))`,
  },
  {
    rule: "4.2 recipients stand from place 1 on, without gaps",
    query: sql`
      select format('instance %s of account %s has %s recipients at places %s to %s%s', r.instance_id, r.account_id, r.people, r.first, r.last,
          case when i.id is null then ', and is not in the account' else '' end) as message
      from (select account_id, instance_id, count(*) as people, min(place) as first, max(place) as last from recipient group by account_id, instance_id) r
      left join mailing_instance i on i.account_id = r.account_id and i.id = r.instance_id
      where i.id is null or r.first <> 1 or r.last <> r.people`,
  },
  {
    rule: "5.2 no writeback is stuck",
    query: sql`
      select format('writeback %s of %s is being processed, and no living session has it', w.id, w.remote_id) as message
      from writeback w left join bridge_session b on b.account_id = w.account_id and b.id = w.session_id
      where w.state = 'processing'
        and (b.id is null or (b.opened_at < now() - interval '15 minutes' and not is_alive(b.run_by::text)))`,
  },
  {
    rule: "5.2 a superseded writeback has a later one of the same person",
    query: sql`
      select format('writeback %s of %s was superseded by %s, which is not a later one of the same person', w.id, w.remote_id, w.superseded_by) as message
      from writeback w join writeback later on later.account_id = w.account_id and later.id = w.superseded_by
      where later.remote_id <> w.remote_id or later.id <= w.id`,
  },
  {
    rule: "5.3 writebacks are counted as they stand",
    query: sql`
      select format('account %s has %s writebacks in state %s, and %s are counted', account_id, sum(n), state, sum(counted)) as message
      from (select account_id, state, count(*) as n, 0 as counted from writeback group by 1, 2
        union all select account_id, state, 0, sum(change) from writeback_count group by 1, 2) x
      group by account_id, state having sum(n) <> sum(counted)`,
  },
  {
    rule: "2.5 only kept fields have values",
    query: sql`
      select format('subscriber values hold %s, which no administrator keeps', name) as message
      from (select distinct s.account_id, jsonb_object_keys(s."values") as name from subscriber s) held
      where not exists (select from personalization_field f where f.account_id = held.account_id and f.name = held.name and (f.is_kept or f.must_forget))`,
  },
  {
    // Whom recipients are found by (docs/decisions/0034). An address that changes in the AMS is another subscriber.
    rule: "2.6 a recipient has their subscriber's address",
    query: sql`
      select format('recipient at place %s of instance %s: its address is not that of subscriber %s', r.place, r.instance_id, r.subscriber_id) as message
      from recipient r left join subscriber s on s.account_id = r.account_id and s.id = r.subscriber_id
      where s.email_key is distinct from r.email_key`,
  },
];

const erasedRule = "2.6 nobody who was erased is a subscriber";

/** Checks the data of all accounts against its own rules. @returns what breaks them; empty when all is well */
export async function verifyData(
  ctx: Context,
  onCheck: (rule: string) => void = () => {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    onCheck(check.rule);
    const { rows } = await ctx.db.system(
      (tx) => sql`${check.query} limit 100`.execute(tx) as Promise<{ rows: { message: string }[] }>,
    );
    findings.push(...rows.map(({ message }) => ({ rule: check.rule, message })));
  }
  onCheck(erasedRule);
  const found = await findErasedSubscribers(ctx);
  findings.push(
    ...found.slice(0, 100).map(({ accountId, id }) => ({
      rule: erasedRule,
      message: `subscriber ${id} of account ${accountId} was erased on request, and is there again: lockstep person erase-again`,
    })),
  );
  return findings;
}
