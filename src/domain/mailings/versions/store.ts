import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { MailingId } from "../mailing.ts";
import type { Save } from "./version.rules.ts";
import type { KeptAs, MailingContent, Sitting, Version, VersionLine } from "./version.ts";

const content = sql`from_name, from_address, reply_to, subject, preheader, body_kind, body, text_part`;

/** The latest one, without what is written in it. The key finds it. */
export async function selectSitting(tx: Tx, account: AccountId, mailing: MailingId): Promise<Sitting | undefined> {
  const { rows } = await sql<Sitting>`select number, began_at as "beganAt", saved_by as "savedBy",
      saved_by_user as "savedByUser", kept_as as "keptAs"
    from mailing_version where account_id = ${account} and mailing_id = ${mailing} order by number desc limit 1`.execute(
    tx,
  );
  return rows[0];
}

export interface NewVersion extends Save {
  readonly number: number;
  readonly keptAs: KeptAs;
  readonly restoredFrom?: number;
}

/** What stands in the mailing, copied where it is: it doesn't come over the wire a second time. */
export async function insertVersion(tx: Tx, account: AccountId, mailing: MailingId, made: NewVersion): Promise<void> {
  const { number, at, by, byUser, keptAs, restoredFrom = null } = made;
  await sql`insert into mailing_version (account_id, mailing_id, number, began_at, saved_at, saved_by, saved_by_user,
      kept_as, restored_from, ${content})
    select account_id, id, ${number}::int, ${at}::timestamptz, ${at}::timestamptz, ${by}::text, ${byUser}::uuid,
      ${keptAs}::text, ${restoredFrom}::int, ${content}
    from mailing where account_id = ${account} and id = ${mailing}`.execute(tx);
}

/** The version in the making takes what stands in the mailing now. */
export async function replaceVersion(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  number: number,
  at: Temporal.Instant,
): Promise<void> {
  await sql`update mailing_version v set saved_at = ${at}, (${content}) = (
      select ${content} from mailing m where m.account_id = ${account} and m.id = ${mailing})
    where v.account_id = ${account} and v.mailing_id = ${mailing} and v.number = ${number}`.execute(tx);
}

export async function updatePublished(tx: Tx, account: AccountId, mailing: MailingId, number: number): Promise<void> {
  await sql`update mailing_version set kept_as = 'published', restored_from = null
    where account_id = ${account} and mailing_id = ${mailing} and number = ${number}`.execute(tx);
}

/** Those up to a number. @returns how many went */
export async function deleteVersionsUpTo(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  number: number,
): Promise<number> {
  const result = await sql`delete from mailing_version
    where account_id = ${account} and mailing_id = ${mailing} and number <= ${number}`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Versions behind which another one began before an instant: what stood then, and what came later, stays.
 * `mailing_version_began` and the key serve it. @returns how many went
 */
export async function deleteOvertakenVersions(
  tx: Tx,
  account: AccountId,
  before: Temporal.Instant,
  most: number,
): Promise<number> {
  const result = await sql`delete from mailing_version where (account_id, mailing_id, number) in (
    select v.account_id, v.mailing_id, v.number from mailing_version v
    where v.account_id = ${account} and v.began_at < ${before} and exists (
      select 1 from mailing_version later where later.account_id = v.account_id and later.mailing_id = v.mailing_id
        and later.number > v.number and later.began_at < ${before})
    limit ${most})`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

/** Each beside the one before it, told apart by hashes: of at most a hundred rows, no body is read. */
const lines = (account: AccountId, mailing: MailingId) => sql`
  select number, began_at as "beganAt", saved_at as "savedAt", saved_by as "savedBy", kept_as as "keptAs",
    restored_from as "restoredFrom", subject, body_kind as "bodyKind", octet_length(body) as bytes,
    number = max(number) over () as "isCurrent",
    case when lag(number) over w is null then null else array_remove(array[
      case when from_name <> lag(from_name) over w then 'fromName' end,
      case when from_address <> lag(from_address) over w then 'fromAddress' end,
      case when reply_to <> lag(reply_to) over w then 'replyTo' end,
      case when subject <> lag(subject) over w then 'subject' end,
      case when preheader <> lag(preheader) over w then 'preheader' end,
      case when body_kind <> lag(body_kind) over w then 'bodyKind' end,
      case when body_hash <> lag(body_hash) over w then 'body' end,
      case when text_hash is distinct from lag(text_hash) over w then 'textPart' end], null) end as changed
  from mailing_version where account_id = ${account} and mailing_id = ${mailing} window w as (order by number)`;

export interface VersionPage {
  readonly limit: number;
  /** The last one of the page before. */
  readonly after?: number | undefined;
}

/** One page, the latest first. */
export async function selectVersionPage(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  { limit, after }: VersionPage,
): Promise<readonly VersionLine[]> {
  const { rows } = await sql<VersionLine>`select * from (${lines(account, mailing)}) l
    ${after === undefined ? sql`` : sql`where number < ${after}`} order by number desc limit ${limit}`.execute(tx);
  return rows;
}

/** Whole. */
export async function selectVersion(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  number: number,
): Promise<Version | undefined> {
  const { rows } = await sql<Version>`select l.*, v.from_name as "fromName", v.from_address as "fromAddress",
      v.reply_to as "replyTo", v.preheader, v.body, v.text_part as "textPart"
    from (${lines(account, mailing)}) l join mailing_version v
      on v.account_id = ${account} and v.mailing_id = ${mailing} and v.number = l.number
    where l.number = ${number}`.execute(tx);
  return rows[0];
}

/** What is written in it alone. */
export async function selectVersionContent(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  number: number,
): Promise<MailingContent | undefined> {
  const { rows } = await sql<MailingContent>`select from_name as "fromName", from_address as "fromAddress",
      reply_to as "replyTo", subject, preheader, body_kind as "bodyKind", body, text_part as "textPart"
    from mailing_version where account_id = ${account} and mailing_id = ${mailing} and number = ${number}`.execute(tx);
  return rows[0];
}
