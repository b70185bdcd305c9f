import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";
import type { RecipientState } from "../recipient.ts";
import { comesBack, lockMark, takeUntaken } from "../untaken.ts";
import { type Window, windowSize } from "./breaker.rules.ts";

/** A recipient in this process's hands. */
export interface Claimed {
  readonly place: number;
  readonly subscriberId: number;
  readonly email: string;
  /** The address as it is compared: its domain is in IDNA form. */
  readonly emailKey: string;
  readonly values: Readonly<Record<string, string>>;
  readonly tries: number;
  readonly firstTriedAt: Temporal.Instant | null;
}

/** Whose hands, and on what. */
export interface Hands {
  readonly account: AccountId;
  readonly instance: InstanceId;
  readonly processId: string;
}

/**
 * Takes recipients whose turn it is, while the instance is being sent: first who comes back, by `recipient_to_send`, then
 * who was never taken, by place. One short transaction: processes take one after the other, and nobody below the mark was
 * passed over. Who has said no since the audience was frozen is left out here. (product 4.4)
 */
export async function claimRecipients(
  tx: Tx,
  { account, instance, processId }: Hands,
  most: number,
  now: Temporal.Instant,
): Promise<readonly Claimed[]> {
  const takenTo = await lockMark(tx, account, instance, "sending");
  if (takenTo === null) return [];
  const { rows } = await sql<Claimed & { state: RecipientState }>`
    with again as (
      select place, subscriber_id from recipient
      where account_id = ${account} and instance_id = ${instance} and ${comesBack} and (due_at is null or due_at <= ${now})
      order by due_at nulls first, place limit ${most} for update skip locked),
    ${takeUntaken(account, instance, takenTo, sql`${most} - (select count(*) from again)`)},
    picked as (select * from again union all select * from first)
    update recipient r set
      state = case when s.standing = 'sendable' then 'claimed' else 'cancelled' end,
      reply = case when s.standing = 'sendable' then r.reply else 'Left out: said no, or was erased, after the audience was frozen' end,
      claimed_by = case when s.standing = 'sendable' then ${processId}::uuid end, claimed_at = ${now}, due_at = null
    from picked left join subscriber s on s.account_id = ${account} and s.id = picked.subscriber_id
    where r.account_id = ${account} and r.instance_id = ${instance} and r.place = picked.place
    returning r.place, r.subscriber_id as "subscriberId", r.email, r.email_key as "emailKey", r."values", r.tries,
      r.first_tried_at as "firstTriedAt", r.state`.execute(tx);
  return rows.filter(({ state }) => state === "claimed");
}

/**
 * Says that these messages are being handed over: from the commit on, the server may have them.
 * @returns those that may go: claimed by this process still, of an instance that is still being sent
 */
export async function updateHandingOver(
  tx: Tx,
  { account, instance, processId }: Hands,
  places: readonly number[],
  now: Temporal.Instant,
): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ place: number }>`
    update recipient set state = 'handing_over', handed_over_at = ${now}
    where account_id = ${account} and instance_id = ${instance} and place = any(${places}::int[])
      and state = 'claimed' and claimed_by = ${processId}
      and exists (select from mailing_instance where account_id = ${account} and id = ${instance} and state = 'sending')
    returning place`.execute(tx);
  return new Set(rows.map(({ place }) => place));
}

/** What became of one recipient. */
export interface Outcome {
  readonly place: number;
  readonly state: Extract<RecipientState, "waiting" | "deferred" | "sent" | "bounced" | "refused" | "unsure">;
  /** Whether a server was asked: it counts as a try. */
  readonly isTried: boolean;
  readonly at: Temporal.Instant;
  readonly dueAt: Temporal.Instant | null;
  readonly replyCode: number | null;
  readonly reply: string | null;
  readonly bounceKind: "hard" | "soft" | "policy" | "content" | null;
}

/**
 * Writes down what became of recipients in this process's hands. One that was taken for cut off meanwhile (this
 * process's sign of life was lost for a moment) is put right. Nobody goes back to a cancelled instance's queue.
 * @returns whose state was written
 */
export async function updateOutcomes(
  tx: Tx,
  { account, instance, processId }: Hands,
  outcomes: readonly Outcome[],
): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ place: number }>`
    update recipient r set
      state = case when i.state = 'cancelled' and o.state in ('waiting', 'deferred') then 'cancelled' else o.state end,
      due_at = o."dueAt", tries = r.tries + o."isTried"::int,
      first_tried_at = coalesce(r.first_tried_at, case when o."isTried" then o.at end),
      claimed_by = case when o.state = 'unsure' then r.claimed_by end,
      handed_over_at = case when o.state in ('waiting', 'deferred') then null else r.handed_over_at end,
      reply_code = coalesce(o."replyCode", r.reply_code), reply = coalesce(o.reply, r.reply),
      sent_at = case when o.state = 'sent' then o.at end,
      bounced_at = case when o.state = 'bounced' then o.at end,
      bounce_kind = o."bounceKind", bounce_reason = case when o."bounceKind" is not null then o.reply end,
      answered_at = case when o.state in ('sent', 'bounced', 'refused') then o.at end,
      must_tell = o.state = 'bounced' or (o.state = 'sent' and exists (select from subscriber s
        where s.account_id = ${account} and s.email_key = r.email_key and s.soft_bounces > 0))
    from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) as o(place int, state text, "isTried" boolean, at timestamptz,
      "dueAt" timestamptz, "replyCode" int, reply text, "bounceKind" text), mailing_instance i
    where r.account_id = ${account} and r.instance_id = ${instance} and r.place = o.place
      and r.claimed_by = ${processId} and r.state in ('claimed', 'handing_over', 'unsure')
      and i.account_id = ${account} and i.id = ${instance}
    returning r.place`.execute(tx);
  return new Set(rows.map(({ place }) => place));
}

/** Bounces stand among what came back, like those that come by mail. */
export async function insertBounces(tx: Tx, { account, instance }: Hands, bounced: readonly Outcome[]): Promise<void> {
  await sql`insert into mailing_activity (account_id, instance_id, place, kind, at, detail)
    select ${account}, ${instance}, o.place, 'bounce', o.at, o.reply
    from jsonb_to_recordset(${JSON.stringify(bounced)}::jsonb) as o(place int, at timestamptz, reply text)`.execute(tx);
}

/**
 * The latest answers since the mailing was last set going: whoever resumes it after a hold has seen the earlier ones.
 * `recipient_answered` serves it.
 */
export async function selectWindow(tx: Tx, { account, instance }: Hands): Promise<Window> {
  const { rows } = await sql<Window>`
    select count(*) as answers, count(*) filter (where bounce_kind = 'policy') as "policyRefusals",
      count(*) filter (where bounce_kind = 'content') as "contentRefusals",
      count(*) filter (where bounce_kind = 'hard') as "hardBounces"
    from (select bounce_kind from recipient where account_id = ${account} and instance_id = ${instance}
      and answered_at > coalesce((select max(at) from instance_event
        where account_id = ${account} and instance_id = ${instance} and state = 'sending'), '-infinity')
      order by answered_at desc limit ${windowSize}) as latest`.execute(tx);
  return rows[0] ?? { answers: 0, policyRefusals: 0, contentRefusals: 0, hardBounces: 0 };
}

/** Somebody whose address has bounced, or had bounced and took mail again: the subscriber must hear of it. */
export interface Told {
  readonly subscriberId: number;
  readonly kind: "hard" | "soft" | "delivered";
  readonly reply: string;
}

/**
 * Takes people whose subscribers have not heard of a bounce or delivery yet. Apart from the outcomes themselves, for it
 * waits while a sync is being applied, and an outcome must not. `recipient_to_tell` serves it.
 */
export async function takeUntold(
  tx: Tx,
  { account, instance }: Pick<Hands, "account" | "instance">,
  most: number,
): Promise<readonly Told[]> {
  const { rows } = await sql<Told>`
    with picked as (
      select place from recipient where account_id = ${account} and instance_id = ${instance} and must_tell
      order by place limit ${most} for update skip locked)
    update recipient r set must_tell = false from picked
    where r.account_id = ${account} and r.instance_id = ${instance} and r.place = picked.place
    returning r.subscriber_id as "subscriberId",
      case when r.state = 'bounced' then r.bounce_kind else 'delivered' end as kind, coalesce(r.reply, '') as reply`.execute(
    tx,
  );
  return rows;
}
