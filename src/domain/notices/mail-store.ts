import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { UserId } from "../accounts/user.ts";
import type { LetterText } from "./letter.rules.ts";

export interface NewMail extends LetterText {
  readonly id: string;
  readonly userId: UserId;
  /** Of a digest: the day of the account's calendar that it is the digest of. */
  readonly day: Temporal.PlainDate | null;
}

/** @returns false when the user has had the digest of that day already */
export async function insertMail(tx: Tx, account: AccountId, mail: NewMail, now: Temporal.Instant): Promise<boolean> {
  const kind = mail.day === null ? "notices" : "digest";
  const { rows } = await sql`
    insert into notice_mail (account_id, id, user_id, kind, day, subject, body_text, body_html, created_at, due_at)
    values (${account}, ${mail.id}, ${mail.userId}, ${kind}, ${mail.day?.toString() ?? null}::date, ${mail.subject},
      ${mail.text}, ${mail.html}, ${now}, ${now})
    on conflict (account_id, user_id, day) where kind = 'digest' do nothing returning id`.execute(tx);
  return rows.length > 0;
}

/** A mail in this process's hands. */
export interface TakenMail extends LetterText {
  readonly accountId: AccountId;
  readonly id: string;
  readonly userId: UserId;
  readonly tries: number;
}

/** Puts mails of processes that died back into the queue, and this one's own that it forgot. */
export async function releaseMails(tx: Tx, processId: string, now: Temporal.Instant): Promise<void> {
  await sql`update notice_mail set state = 'waiting', run_by = null, due_at = ${now}
    where state = 'sending' and (not is_alive(run_by::text)
      or (run_by = ${processId} and taken_at < ${now}::timestamptz - interval '10 minutes'))`.execute(tx);
}

/** Takes the mail whose time came first, over all accounts. `notice_mail_open` has it. */
export async function takeMail(tx: Tx, processId: string, now: Temporal.Instant): Promise<TakenMail | undefined> {
  const { rows } = await sql<TakenMail>`
    with next as (
      select m.account_id, m.id from notice_mail m join account a on a.id = m.account_id and a.suspended_at is null
      where m.state = 'waiting' and m.due_at <= ${now} order by m.due_at limit 1 for no key update of m skip locked)
    update notice_mail m set state = 'sending', run_by = ${processId}, taken_at = ${now}, tries = m.tries + 1
    from next where m.account_id = next.account_id and m.id = next.id
    returning m.account_id as "accountId", m.id, m.user_id as "userId", m.subject, m.body_text as text,
      m.body_html as html, m.tries`.execute(tx);
  return rows[0];
}

type MailKey = Pick<TakenMail, "accountId" | "id">;

/** It is over with a mail: its text goes. @param error why it was given up, or null when it was sent */
export async function endMail(
  tx: Tx,
  { accountId, id }: MailKey,
  error: string | null,
  now: Temporal.Instant,
): Promise<void> {
  await sql`update notice_mail set state = ${error === null ? "sent" : "given_up"}, run_by = null, ended_at = ${now},
      error = ${error}, body_text = null, body_html = null
    where account_id = ${accountId} and id = ${id}`.execute(tx);
}

export async function postponeMail(
  tx: Tx,
  { accountId, id }: MailKey,
  error: string,
  dueAt: Temporal.Instant,
): Promise<void> {
  await sql`update notice_mail set state = 'waiting', run_by = null, error = ${error}, due_at = ${dueAt}
    where account_id = ${accountId} and id = ${id}`.execute(tx);
}

export async function deleteOldMails(tx: Tx, before: Temporal.Instant): Promise<void> {
  await sql`delete from notice_mail where created_at < ${before} and state in ('sent', 'given_up')`.execute(tx);
}

/** Users whom mail doesn't reach, and what was said of the latest of theirs. */
export interface UnsentNotices {
  readonly users: number;
  readonly at: Temporal.Instant;
  /** One of them, by name; all the others have their own. */
  readonly name: string;
  readonly reason: string;
}

/**
 * Of each user the latest mail with an error, unless one made later has left. A mail that waits counts from its third
 * refusal on, some 20 minutes: a relay that is away for a moment is nobody's business. `notice_mail_in_trouble` finds
 * them, `notice_mail_of_user` what came later.
 */
export async function selectUnsent(tx: Tx, account: AccountId, since: Temporal.Instant): Promise<UnsentNotices | null> {
  const { rows } = await sql<UnsentNotices>`
    with unsent as materialized (
      select distinct on (m.user_id) m.user_id, u.name, m.error, coalesce(m.ended_at, m.created_at) as at
      from notice_mail m join app_user u on u.account_id = m.account_id and u.id = m.user_id and u.disabled_at is null
      where m.account_id = ${account} and m.error is not null and m.state in ('waiting', 'given_up')
        and m.created_at >= ${since} and (m.state = 'given_up' or m.tries >= 3)
        and not exists (select from notice_mail later where later.account_id = ${account} and later.user_id = m.user_id
          and later.created_at > m.created_at and later.state = 'sent')
      order by m.user_id, m.created_at desc)
    select (select count(*) from unsent) as users, at, name, error as reason from unsent order by at desc limit 1`.execute(
    tx,
  );
  return rows[0] ?? null;
}
