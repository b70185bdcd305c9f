import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { UserId } from "../accounts/user.ts";
import { type NoticeType, noticeTypes } from "../notices/event.rules.ts";
import type { DayFigures, Named } from "./digest.rules.ts";

export interface AccountHour {
  readonly accountId: AccountId;
  readonly timeZone: string;
  readonly digestHour: number;
  readonly digestedUntil: Temporal.Instant | null;
}

export async function selectAccountHours(tx: Tx): Promise<readonly AccountHour[]> {
  const { rows } = await sql<AccountHour>`
    select id as "accountId", time_zone as "timeZone", digest_hour as "digestHour", digested_until as "digestedUntil"
    from account where suspended_at is null`.execute(tx);
  return rows;
}

/** Moves on what digests have told. @returns false when somebody else did meanwhile */
export async function updateDigestedUntil(
  tx: Tx,
  account: AccountId,
  from: Temporal.Instant | null,
  until: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`update account set digested_until = ${until}
    where id = ${account} and digested_until is not distinct from ${from}::timestamptz returning id`.execute(tx);
  return rows.length > 0;
}

export interface DigestReader {
  readonly userId: UserId;
  readonly name: string;
  readonly types: readonly NoticeType[];
}

/** Who wants what in the digest. Nobody does without having chosen it. */
export async function selectDigestReaders(tx: Tx, account: AccountId): Promise<readonly DigestReader[]> {
  const { rows } = await sql<DigestReader>`
    select u.id as "userId", u.name, array_agg(c.type) as types from notice_choice c
    join app_user u on u.account_id = c.account_id and u.id = c.user_id
    where c.account_id = ${account} and c.way = 'digest' and u.disabled_at is null and u.password_hash is not null
      and c.type = any(${noticeTypes}::text[])
    group by u.id, u.name`.execute(tx);
  return rows;
}

interface Span {
  readonly account: AccountId;
  /** Not included. */
  readonly from: Temporal.Instant;
  /** Included. */
  readonly until: Temporal.Instant;
}

/** What happened in the account after `from` and up to `until`, and what still waits for somebody. */
export async function selectDayFigures(tx: Tx, span: Span): Promise<DayFigures> {
  const syncs = await countSyncs(tx, span);
  return {
    ...syncs,
    syncsFailed: { count: syncs.failed, first: syncs.failed > 0 ? await selectFailed(tx, span) : [] },
    syncsHeld: await selectHeld(tx, span),
    mailingsSent: await selectSent(tx, span),
    mailingsOnHold: await selectOnHold(tx, span),
    ...(await countPeople(tx, span)),
    ...(await selectOthers(tx, span)),
  };
}

const inSpan = ({ from, until }: Span) => sql`> ${from} and finished_at <= ${until}`;

/** Found by when they were asked for: none takes two days, but a held one, and whoever applied it knows of it. */
const ended = (span: Span) => sql`s.account_id = ${span.account} and not s.is_dry_run
  and s.requested_at > ${span.from}::timestamptz - interval '2 days' and s.finished_at ${inSpan(span)}`;

async function countSyncs(tx: Tx, span: Span) {
  const { rows } = await sql<{ syncsSucceeded: number; failed: number; added: number; removed: number }>`
    select count(*) filter (where state = 'succeeded') as "syncsSucceeded", count(*) filter (where state = 'failed') as failed,
      coalesce(sum(added) filter (where state = 'succeeded'), 0)::bigint as added,
      coalesce(sum(removed) filter (where state = 'succeeded'), 0)::bigint as removed
    from sync s where ${ended(span)}`.execute(tx);
  return rows[0] ?? { syncsSucceeded: 0, failed: 0, added: 0, removed: 0 };
}

const groupName = sql`coalesce(g.name, 'List of target groups')`;
const withGroup = sql`sync s left join target_group g on g.account_id = s.account_id and g.id = s.group_id`;

async function selectFailed(tx: Tx, span: Span): Promise<readonly Named[]> {
  const { rows } = await sql<Named>`
    select ${groupName} || ': ' || s.error_message as text, '/syncs/' || s.id as path
    from ${withGroup} where s.state = 'failed' and ${ended(span)} order by s.finished_at limit 20`.execute(tx);
  return rows;
}

async function selectHeld(tx: Tx, { account }: Span): Promise<DayFigures["syncsHeld"]> {
  const { rows } = await sql<Named & { count: number }>`
    select ${groupName} || ': ' || s.held_reason as text, '/syncs/' || s.id as path, count(*) over () as count
    from ${withGroup} where s.account_id = ${account} and s.state = 'held' order by s.requested_at limit 20`.execute(
    tx,
  );
  return { count: rows[0]?.count ?? 0, first: rows };
}

async function selectSent(tx: Tx, span: Span): Promise<readonly Named[]> {
  const { rows } = await sql<Named>`
    select name || ': to ' || recipients || ' people' as text, '/instances/' || id || '/report' as path
    from mailing_instance where account_id = ${span.account} and state = 'sent' and finished_at ${inSpan(span)}
    order by finished_at limit 200`.execute(tx);
  return rows;
}

async function selectOnHold(tx: Tx, { account }: Span): Promise<readonly Named[]> {
  const { rows } = await sql<Named>`
    select name || ': ' || hold_message as text, '/instances/' || id as path
    from mailing_instance where account_id = ${account} and state = 'on_hold' order by held_at limit 200`.execute(tx);
  return rows;
}

async function countPeople(tx: Tx, { account, from, until }: Span) {
  const { rows } = await sql<{ person: number; administrator: number; complaint: number; badEmail: number }>`
    select count(*) filter (where kind = 'unsubscribed' and origin = 'person') as person,
      count(*) filter (where kind = 'unsubscribed' and origin = 'administrator') as administrator,
      count(*) filter (where kind = 'unsubscribed' and origin = 'complaint') as complaint,
      count(*) filter (where kind = 'bad_email' and not exists (
        select from wish_change l where l.account_id = w.account_id and l.subscriber_id = w.subscriber_id and l.at >= w.at
          and l.kind = 'bad_email_lifted')) as "badEmail"
    from wish_change w where account_id = ${account} and at > ${from} and at <= ${until}`.execute(tx);
  const { badEmail = 0, person = 0, administrator = 0, complaint = 0 } = rows[0] ?? {};
  return { unsubscribed: { person, administrator, complaint }, badEmail };
}

async function selectOthers(tx: Tx, { account, from, until }: Span) {
  const { rows } = await sql<Pick<DayFigures, "writebacksFailed" | "credentialsRefused">>`
    select (select count(*) from writeback where account_id = ${account} and state = 'failed'
        and ended_at > ${from} and ended_at <= ${until}) as "writebacksFailed",
      (select max(needs_attention_reason) from bridge
        where account_id = ${account} and is_active and needs_attention_since is not null) as "credentialsRefused"`.execute(
    tx,
  );
  const { rows: webhooksOff } = await sql<Named>`
    select url || ': ' || switched_off_reason as text, '/admin/webhooks/' || id as path
    from webhook where account_id = ${account} and switched_off_reason is not null order by created_at`.execute(tx);
  return { writebacksFailed: 0, credentialsRefused: null, ...rows[0], webhooksOff };
}
