import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { EventType, WebhookType } from "../notices/event.rules.ts";
import type { DeliveryId, SwitchedOffWebhook, Webhook, WebhookId } from "./webhook.ts";

const columns = sql`w.id, w.url, w.events, w.is_active as "isActive", w.old_secret_until as "oldSecretUntil",
  w.created_at as "createdAt", w.created_by as "createdBy", w.succeeded_at as "succeededAt",
  w.failing_since as "failingSince", w.failures_in_a_row as "failuresInARow", w.paused_until as "pausedUntil",
  w.switched_off_reason as "switchedOffReason", w.version,
  (select count(*) from webhook_delivery d
    where d.account_id = w.account_id and d.webhook_id = w.id and d.state = 'waiting') as waiting`;

export async function selectWebhooks(tx: Tx, account: AccountId): Promise<readonly Webhook[]> {
  const { rows } = await sql<Webhook>`
    select ${columns} from webhook w where w.account_id = ${account} order by w.created_at, w.id`.execute(tx);
  return rows;
}

export async function selectWebhook(tx: Tx, account: AccountId, id: WebhookId): Promise<Webhook | undefined> {
  const { rows } = await sql<Webhook>`
    select ${columns} from webhook w where w.account_id = ${account} and w.id = ${id}`.execute(tx);
  return rows[0];
}

/** Those that a person has to look at, the longest failing first. */
export async function selectSwitchedOff(tx: Tx, account: AccountId): Promise<readonly SwitchedOffWebhook[]> {
  const { rows } = await sql<SwitchedOffWebhook>`
    select id, url, failing_since as "failingSince", switched_off_reason as reason from webhook
    where account_id = ${account} and switched_off_reason is not null order by failing_since, id`.execute(tx);
  return rows;
}

/** The same, held until the transaction ends. */
export async function lockWebhook(tx: Tx, account: AccountId, id: WebhookId): Promise<Webhook | undefined> {
  await sql`select from webhook where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return selectWebhook(tx, account, id);
}

/** How many there are; the account's row holds two that are added at once apart. */
export async function countWebhooks(tx: Tx, account: AccountId): Promise<number> {
  await sql`select from account where id = ${account} for no key update`.execute(tx);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from webhook where account_id = ${account}`.execute(tx);
  return rows[0]?.count ?? 0;
}

export interface NewWebhook {
  readonly id: WebhookId;
  readonly url: string;
  readonly events: readonly WebhookType[];
  readonly secretSealed: Buffer;
  readonly createdAt: Temporal.Instant;
  readonly createdBy: string;
}

export async function insertWebhook(tx: Tx, account: AccountId, webhook: NewWebhook): Promise<void> {
  await sql`insert into webhook (account_id, id, url, events, secret_sealed, created_at, created_by)
    values (${account}, ${webhook.id}, ${webhook.url}, ${webhook.events}::text[], ${webhook.secretSealed},
      ${webhook.createdAt}, ${webhook.createdBy})`.execute(tx);
}

/** A person's change. Switched on or led elsewhere, it begins anew: what failed before says nothing any more. */
export async function updateWebhook(
  tx: Tx,
  account: AccountId,
  id: WebhookId,
  values: Pick<Webhook, "url" | "events" | "isActive"> & { readonly beginsAnew: boolean },
): Promise<void> {
  const anew = values.beginsAnew
    ? sql`, failing_since = null, failures_in_a_row = 0, paused_until = null, switched_off_reason = null`
    : sql``;
  await sql`update webhook set url = ${values.url}, events = ${values.events}::text[], is_active = ${values.isActive},
      version = version + 1 ${anew}
    where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function deleteWebhook(tx: Tx, account: AccountId, id: WebhookId): Promise<boolean> {
  const { rows } = await sql`delete from webhook where account_id = ${account} and id = ${id} returning id`.execute(tx);
  return rows.length > 0;
}

export async function updateSecret(
  tx: Tx,
  account: AccountId,
  id: WebhookId,
  secretSealed: Buffer,
  oldUntil: Temporal.Instant,
): Promise<void> {
  await sql`update webhook set old_secret_sealed = secret_sealed, old_secret_until = ${oldUntil},
      secret_sealed = ${secretSealed}, version = version + 1
    where account_id = ${account} and id = ${id}`.execute(tx);
}

/** The program switches one off. */
export async function updateSwitchedOff(tx: Tx, account: AccountId, id: WebhookId, reason: string): Promise<void> {
  await sql`update webhook set is_active = false, switched_off_reason = ${reason}, paused_until = null,
      version = version + 1
    where account_id = ${account} and id = ${id}`.execute(tx);
}

/** Gives up what waits for a webhook. */
export async function giveUpWaiting(tx: Tx, account: AccountId, id: WebhookId, now: Temporal.Instant): Promise<void> {
  await sql`update webhook_delivery set state = 'given_up', ended_at = ${now}
    where account_id = ${account} and webhook_id = ${id} and state = 'waiting'`.execute(tx);
}

/** A query for the active webhooks that hear a type. They stay until the transaction ends: deliveries refer to them. */
export function webhooksToTell(account: AccountId, type: EventType): RawBuilder<{ id: WebhookId }> {
  return sql`select id from webhook where account_id = ${account} and is_active and ${type} = any(events)
    for key share`;
}

export interface NewEvent {
  readonly id: string;
  readonly data: unknown;
}
export interface NewDelivery {
  readonly id: DeliveryId;
  readonly webhookId: WebhookId;
  readonly eventId: string;
}

/** Queues events for webhooks: two statements, however many there are. */
export async function insertDeliveries(
  tx: Tx,
  account: AccountId,
  type: EventType,
  events: readonly NewEvent[],
  deliveries: readonly NewDelivery[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into told_event (account_id, id, type, at, data)
    select ${account}::uuid, e.id, ${type}, ${now}::timestamptz, e.data
    from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as e (id uuid, data jsonb)`.execute(tx);
  const list = (name: keyof NewDelivery): RawBuilder<unknown> => sql`${deliveries.map((one) => one[name])}::uuid[]`;
  await sql`insert into webhook_delivery (account_id, id, webhook_id, event_id, due_at)
    select ${account}::uuid, d.id, d.webhook_id, d.event_id, ${now}::timestamptz
    from unnest(${list("id")}, ${list("webhookId")}, ${list("eventId")}) as d (id, webhook_id, event_id)`.execute(tx);
}
