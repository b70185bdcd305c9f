import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";
import type { RecipientRef, RecipientState } from "../recipient.ts";
import type { Verdict } from "./judge-report.rules.ts";

export interface BouncingRecipient {
  readonly state: RecipientState;
  readonly subscriberId: number;
  readonly bouncedAt: Temporal.Instant | null;
}

export async function lockBouncing(
  tx: Tx,
  account: AccountId,
  { instance, place }: RecipientRef,
): Promise<BouncingRecipient | undefined> {
  const { rows } = await sql<BouncingRecipient>`
    select state, subscriber_id as "subscriberId", bounced_at as "bouncedAt" from recipient
    where account_id = ${account} and instance_id = ${instance} and place = ${place} for no key update`.execute(tx);
  return rows[0];
}

/**
 * Hard bounces of one publishing are judged one after the other, by whichever process: each sees how many came before it,
 * and what they marked.
 */
export async function lockHardBounces(tx: Tx, instance: InstanceId): Promise<void> {
  await sql`select pg_advisory_xact_lock(7000043, hashtext(${instance}::text))`.execute(tx);
}

/** A refusal for the sender's or the mailing's fault says nothing about the person. (see recipient.ts) */
export async function updateBounced(
  tx: Tx,
  account: AccountId,
  { instance, place }: RecipientRef,
  { kind, reason }: Verdict,
  at: Temporal.Instant,
): Promise<void> {
  const state: RecipientState = kind === "hard" || kind === "soft" ? "bounced" : "refused";
  await sql`
    update recipient set state = ${state}, bounced_at = ${at}, bounce_kind = ${kind}, bounce_reason = ${reason},
      sent_at = coalesce(sent_at, handed_over_at)
    where account_id = ${account} and instance_id = ${instance} and place = ${place}`.execute(tx);
}

/** How many of an instance's recipients came back as hard since then, and how many it has. */
export async function selectFlood(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  since: Temporal.Instant,
): Promise<{ readonly hard: number; readonly recipients: number }> {
  const { rows } = await sql<{ hard: number; recipients: number }>`
    select i.recipients, (
      select count(*) from mailing_activity a where a.account_id = i.account_id and a.instance_id = i.id and a.kind = 'bounce'
        and a.at >= ${since} and a.detail like 'hard:%') as hard
    from mailing_instance i where i.account_id = ${account} and i.id = ${instance}`.execute(tx);
  return rows[0] ?? { hard: 0, recipients: 0 };
}

/** Tells the instance's story that bounces mark nobody, once an hour at most. */
export async function insertFloodEvent(
  tx: Tx,
  account: AccountId,
  instance: InstanceId,
  message: string,
  { at, since }: { readonly at: Temporal.Instant; readonly since: Temporal.Instant },
): Promise<void> {
  await sql`
    insert into instance_event (account_id, instance_id, at, state, message)
    select account_id, id, ${at}, state, ${message} from mailing_instance i
    where account_id = ${account} and id = ${instance} and not exists (
      select from instance_event e where e.account_id = ${account} and e.instance_id = ${instance}
        and e.message = ${message} and e.at >= ${since})`.execute(tx);
}
