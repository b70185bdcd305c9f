import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { EventType } from "../notices/event.rules.ts";
import type { Attempt, Delivery, DeliveryId, DeliveryState, WebhookId } from "./webhook.ts";

/** A webhook that something waits for, of any account. */
export interface ReadyWebhook {
  readonly accountId: AccountId;
  readonly webhookId: WebhookId;
}

/** Puts back into the queue what processes that died had in hand, and what this one took and forgot. */
export async function releaseDeliveries(tx: Tx, processId: string, now: Temporal.Instant): Promise<void> {
  await sql`update webhook_delivery set state = 'waiting', run_by = null, due_at = ${now}
    where state = 'sending' and (not is_alive(run_by::text)
      or (run_by = ${processId} and taken_at < ${now}::timestamptz - interval '2 minutes'))`.execute(tx);
}

/** Webhooks with something to send now that aren't left alone, whose last turn is longest ago first. */
export async function selectReadyWebhooks(
  tx: Tx,
  but: readonly WebhookId[],
  most: number,
  now: Temporal.Instant,
): Promise<readonly ReadyWebhook[]> {
  const { rows } = await sql<ReadyWebhook>`
    select w.account_id as "accountId", w.id as "webhookId" from webhook w
    join account a on a.id = w.account_id and a.suspended_at is null
    where exists (select from webhook_delivery where state = 'waiting' and due_at <= ${now})
      and w.is_active and (w.paused_until is null or w.paused_until <= ${now}) and w.id <> all(${but}::uuid[])
      and exists (select from webhook_delivery d where d.account_id = w.account_id and d.webhook_id = w.id
        and d.state = 'waiting' and d.due_at <= ${now})
    order by w.tried_at nulls first limit ${most}`.execute(tx);
  return rows;
}

/** A webhook as it is called. */
export interface CalledWebhook {
  readonly url: string;
  readonly secretSealed: Buffer;
  /** While it signs too. */
  readonly oldSecretSealed: Buffer | null;
  readonly failuresInARow: number;
  readonly sending: number;
}

/** The webhook, held until the transaction ends; undefined when it may not be called now, or somebody else decides. */
export async function lockToCall(
  tx: Tx,
  account: AccountId,
  id: WebhookId,
  now: Temporal.Instant,
): Promise<CalledWebhook | undefined> {
  const { rows } = await sql<CalledWebhook>`
    update webhook w set tried_at = ${now} from (
      select id from webhook where account_id = ${account} and id = ${id} and is_active
        and (paused_until is null or paused_until <= ${now}) for no key update skip locked) free
    where w.account_id = ${account} and w.id = free.id
    returning w.url, w.secret_sealed as "secretSealed",
      case when w.old_secret_until > ${now} then w.old_secret_sealed end as "oldSecretSealed",
      w.failures_in_a_row as "failuresInARow", (select count(*) from webhook_delivery d
        where d.account_id = w.account_id and d.webhook_id = w.id and d.state = 'sending') as sending`.execute(tx);
  return rows[0];
}

/** A delivery in this process's hands, with its event. */
export interface TakenDelivery {
  readonly id: DeliveryId;
  readonly tries: number;
  readonly eventId: string;
  readonly type: EventType;
  readonly at: Temporal.Instant;
  readonly data: unknown;
}

/** Takes the deliveries whose time came first, and writes down that they are tried. */
export async function takeDeliveries(
  tx: Tx,
  { accountId, webhookId }: ReadyWebhook,
  most: number,
  processId: string,
  now: Temporal.Instant,
): Promise<readonly TakenDelivery[]> {
  const { rows } = await sql<TakenDelivery>`
    with next as (
      select id from webhook_delivery
      where account_id = ${accountId} and webhook_id = ${webhookId} and state = 'waiting' and due_at <= ${now}
      order by due_at, id limit ${most} for no key update),
    taken as (
      update webhook_delivery d set state = 'sending', run_by = ${processId}, taken_at = ${now}, tries = d.tries + 1
      from next where d.account_id = ${accountId} and d.id = next.id
      returning d.id, d.tries, d.event_id),
    noted as (
      insert into webhook_attempt (account_id, delivery_id, at) select ${accountId}::uuid, id, ${now}::timestamptz from taken
      on conflict do nothing)
    select t.id, t.tries, t.event_id as "eventId", e.type, e.at, e.data
    from taken t join told_event e on e.account_id = ${accountId} and e.id = t.event_id order by t.id`.execute(tx);
  return rows;
}

/** What became of one call. */
export interface CallResult {
  readonly startedAt: Temporal.Instant;
  readonly durationMs: number;
  readonly status: number | null;
  /** In words; null when it was taken. */
  readonly error: string | null;
  readonly answer: string | null;
}

/**
 * Writes the result of a call, if the delivery is in this process's hands still.
 * @param dueAt when it is tried again: null when it is over
 */
export async function updateDelivery(
  tx: Tx,
  account: AccountId,
  id: DeliveryId,
  processId: string,
  result: CallResult,
  state: Exclude<DeliveryState, "sending">,
  dueAt: Temporal.Instant | null,
  now: Temporal.Instant,
): Promise<void> {
  await sql`update webhook_attempt set duration_ms = ${result.durationMs}, status = ${result.status},
      error = ${result.error}, answer = ${result.answer}
    where account_id = ${account} and delivery_id = ${id} and at = ${result.startedAt}`.execute(tx);
  await sql`update webhook_delivery set state = ${state}, run_by = null, due_at = coalesce(${dueAt}, due_at),
      ended_at = ${state === "waiting" ? null : now}
    where account_id = ${account} and id = ${id} and state = 'sending' and run_by = ${processId}`.execute(tx);
}

export async function updateSucceeded(tx: Tx, account: AccountId, id: WebhookId, now: Temporal.Instant): Promise<void> {
  await sql`update webhook set succeeded_at = ${now}, failing_since = null, failures_in_a_row = 0, paused_until = null
    where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function updateFailed(
  tx: Tx,
  account: AccountId,
  id: WebhookId,
  pausedUntil: Temporal.Instant | null,
  now: Temporal.Instant,
): Promise<void> {
  await sql`update webhook set failures_in_a_row = failures_in_a_row + 1, failing_since = coalesce(failing_since, ${now}),
      paused_until = ${pausedUntil}
    where account_id = ${account} and id = ${id}`.execute(tx);
}

const listed = sql`d.id, d.event_id as "eventId", e.type, e.at, d.state, d.due_at as "dueAt", d.tries,
  d.ended_at as "endedAt", a.status, a.error, a.duration_ms as "durationMs"`;
const source = sql`webhook_delivery d
  join told_event e on e.account_id = d.account_id and e.id = d.event_id
  left join lateral (select status, error, duration_ms from webhook_attempt a
    where a.account_id = d.account_id and a.delivery_id = d.id order by a.at desc limit 1) a on true`;

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly after?: DeliveryId | undefined;
  readonly limit: number;
}

/**
 * A webhook's log, the latest first: `webhook_delivery_listed` is read from its end; the few that wait or were given up
 * have indexes of their own.
 */
export async function selectDeliveries(
  tx: Tx,
  account: AccountId,
  webhook: WebhookId,
  { state, after, limit }: DeliveryFilter,
): Promise<readonly Delivery[]> {
  const { rows } = await sql<Delivery>`
    select ${listed} from ${source} where d.account_id = ${account} and d.webhook_id = ${webhook}
      and (${state ?? null}::text is null or d.state = ${state ?? null})
      and (${after ?? null}::uuid is null or d.id < ${after ?? null})
    order by d.id desc limit ${limit}`.execute(tx);
  return rows;
}

export async function selectDelivery(
  tx: Tx,
  account: AccountId,
  webhook: WebhookId,
  id: DeliveryId,
): Promise<(Delivery & { readonly data: unknown }) | undefined> {
  const { rows } = await sql<Delivery & { data: unknown }>`
    select ${listed}, e.data from ${source}
    where d.account_id = ${account} and d.webhook_id = ${webhook} and d.id = ${id}`.execute(tx);
  return rows[0];
}

/** The latest attempts of a delivery. */
export async function selectAttempts(tx: Tx, account: AccountId, id: DeliveryId): Promise<readonly Attempt[]> {
  const { rows } = await sql<Attempt>`
    select at, duration_ms as "durationMs", status, error, answer from webhook_attempt
    where account_id = ${account} and delivery_id = ${id} order by at desc limit 100`.execute(tx);
  return rows;
}

/** Sends one again that is over: its tries begin anew. @returns false when it isn't over */
export async function updateSentAgain(
  tx: Tx,
  account: AccountId,
  id: DeliveryId,
  now: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`update webhook_delivery set state = 'waiting', due_at = ${now}, tries = 0, ended_at = null
    where account_id = ${account} and id = ${id} and state in ('delivered', 'given_up') returning id`.execute(tx);
  return rows.length > 0;
}

/** Deletes old events with their deliveries, some at a time. @returns whether there may be more */
export async function deleteOldEvents(tx: Tx, before: Temporal.Instant, most: number): Promise<boolean> {
  const { rows } = await sql`delete from told_event e using (
      select account_id, id from told_event where at < ${before} order by at limit ${most}) old
    where e.account_id = old.account_id and e.id = old.id returning e.id`.execute(tx);
  return rows.length === most;
}
