import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, must, NotFoundError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import {
  type DeliveryFilter,
  selectAttempts,
  selectDeliveries,
  selectDelivery,
  updateSentAgain,
} from "./delivery-store.ts";
import { payloadOf } from "./payload.ts";
import { queueDeliveries } from "./queue-deliveries.ts";
import { lockWebhook, selectWebhook } from "./store.ts";
import type { Attempt, Delivery, DeliveryId, Webhook, WebhookId } from "./webhook.ts";

/** A delivery with everything that is known of it. */
export interface DeliveryDetail extends Delivery {
  /** The body that is sent. */
  readonly payload: string;
  /** The latest first. */
  readonly attempts: readonly Attempt[];
}

/** One page of a webhook's log, the latest first. @throws NotFoundError when the account has no such webhook */
export function listDeliveries(
  ctx: AccountContext,
  id: WebhookId,
  filter: DeliveryFilter,
): Promise<readonly Delivery[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await selectWebhook(tx, ctx.accountId, id))) throw new NotFoundError("webhook", id);
    return selectDeliveries(tx, ctx.accountId, id, filter);
  });
}

/** @throws NotFoundError when the webhook has no such delivery */
export function getDelivery(ctx: AccountContext, webhook: WebhookId, id: DeliveryId): Promise<DeliveryDetail> {
  return ctx.db.transaction(ctx.accountId, (tx) => read(tx, ctx, webhook, id));
}

/**
 * Sends an event again that arrived or was given up, under the same id.
 * @throws NotFoundError @throws ConflictError when it is under way anyhow, or the webhook is switched off
 */
export function sendAgain(ctx: AccountContext, webhook: WebhookId, id: DeliveryId): Promise<DeliveryDetail> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { url } = await getActive(tx, ctx, webhook);
    const { type } = await read(tx, ctx, webhook, id);
    if (!(await updateSentAgain(tx, ctx.accountId, id, ctx.clock.now())))
      throw new ConflictError("delivery_open", "This event is under way: it is tried again by itself.");
    await recordChange(tx, ctx, "webhook.send_again", url, { id: webhook, delivery: id, type });
    return read(tx, ctx, webhook, id);
  });
}

/** Sends an event of no meaning to one webhook, whatever it has chosen. @throws ConflictError when it is switched off */
export function sendTest(ctx: AccountContext, webhook: WebhookId): Promise<DeliveryDetail> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { url } = await getActive(tx, ctx, webhook);
    const [id] = await queueDeliveries(tx, ctx, [webhook], "test", [{ message: "A test" }]);
    await recordChange(tx, ctx, "webhook.test", url, { id: webhook });
    return read(tx, ctx, webhook, must(id, "one event to one webhook is one delivery"));
  });
}

async function getActive(tx: Tx, ctx: AccountContext, id: WebhookId): Promise<Webhook> {
  const webhook = await lockWebhook(tx, ctx.accountId, id);
  if (!webhook) throw new NotFoundError("webhook", id);
  if (!webhook.isActive) throw new ConflictError("webhook_off", "This webhook is switched off.", "Switch it on first.");
  return webhook;
}

async function read(tx: Tx, ctx: AccountContext, webhook: WebhookId, id: DeliveryId): Promise<DeliveryDetail> {
  const found = await selectDelivery(tx, ctx.accountId, webhook, id);
  if (!found) throw new NotFoundError("delivery", id);
  const { data, ...delivery } = found;
  const payload = payloadOf(ctx.accountId, { ...delivery, data });
  return { ...delivery, payload, attempts: await selectAttempts(tx, ctx.accountId, id) };
}
