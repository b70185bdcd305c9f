import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";
import { comesBack, hasUntaken } from "../untaken.ts";

/** A process that has recipients of an instance. */
export interface Hand {
  readonly accountId: AccountId;
  readonly instanceId: InstanceId;
  readonly claimedBy: string;
  readonly isAlive: boolean;
}

/** Who has recipients in hand, over all accounts. `recipient_in_hand` holds these alone: a few hundred a process. */
export async function selectHands(tx: Tx): Promise<readonly Hand[]> {
  const { rows } = await sql<Hand>`
    with hand as materialized (select distinct account_id, instance_id, claimed_by from recipient
      where state in ('claimed', 'handing_over'))
    select account_id as "accountId", instance_id as "instanceId", claimed_by as "claimedBy",
      is_alive(claimed_by::text) as "isAlive" from hand`.execute(tx);
  return rows;
}

/** Takes recipients out of a dead process's hands. Nobody goes back to a cancelled instance's queue. */
export async function freeRecipients(
  tx: Tx,
  { accountId, instanceId, claimedBy }: Hand,
): Promise<{ readonly waiting: number; readonly unsure: number }> {
  const { rows } = await sql<{ waiting: number; unsure: number }>`
    with freed as (
      update recipient r set
        state = case when r.state = 'handing_over' then 'unsure' when i.state = 'cancelled' then 'cancelled' else 'waiting' end,
        claimed_by = case when r.state = 'handing_over' then r.claimed_by end
      from mailing_instance i
      where r.claimed_by = ${claimedBy} and r.state in ('claimed', 'handing_over')
        and r.account_id = ${accountId} and r.instance_id = ${instanceId}
        and i.account_id = r.account_id and i.id = r.instance_id
      returning r.state)
    select count(*) filter (where state <> 'unsure') as waiting, count(*) filter (where state = 'unsure') as unsure
    from freed`.execute(tx);
  return rows[0] ?? { waiting: 0, unsure: 0 };
}

/** Instances with somebody to send to now, or with nobody left: those end. */
export async function selectInstancesToDeliver(
  tx: Tx,
  now: Temporal.Instant,
): Promise<readonly { readonly accountId: AccountId; readonly instanceId: InstanceId }[]> {
  const { rows } = await sql<{ accountId: AccountId; instanceId: InstanceId }>`
    select i.account_id as "accountId", i.id as "instanceId" from mailing_instance i
    join account a on a.id = i.account_id and a.suspended_at is null
    where i.state = 'sending' and (${hasUntaken(sql`i`)}
      or exists (select from recipient r where r.account_id = i.account_id and r.instance_id = i.id
        and ${comesBack} and r.due_at is null)
      or exists (select from recipient r where r.account_id = i.account_id and r.instance_id = i.id
        and ${comesBack} and r.due_at <= ${now})
      or not exists (select from recipient r where r.account_id = i.account_id and r.instance_id = i.id
        and (${comesBack} or state in ('claimed', 'handing_over'))))`.execute(tx);
  return rows;
}
