import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountContext } from "../context.ts";
import type { EventData, EventType } from "../notices/event.rules.ts";
import { insertDeliveries, selectHearing } from "./store.ts";
import type { DeliveryId, WebhookId } from "./webhook.ts";

/** Queues events for every webhook that hears their type, in the caller's transaction. Asks first whether one does. */
export async function tellWebhooks<Type extends EventType>(
  tx: Tx,
  ctx: AccountContext,
  type: Type,
  happened: readonly EventData[Type][],
): Promise<void> {
  const webhooks = await selectHearing(tx, ctx.accountId, type);
  if (webhooks.length > 0) await queueDeliveries(tx, ctx, webhooks, type, happened);
}

/** @returns the deliveries, by event and then by webhook */
export async function queueDeliveries<Type extends EventType>(
  tx: Tx,
  ctx: AccountContext,
  webhooks: readonly WebhookId[],
  type: Type,
  happened: readonly EventData[Type][],
): Promise<readonly DeliveryId[]> {
  const events = happened.map((data) => ({ id: newId(), data }));
  const deliveries = events.flatMap((event) =>
    webhooks.map((webhookId) => ({ id: newId<DeliveryId>(), webhookId, eventId: event.id })),
  );
  await insertDeliveries(tx, ctx.accountId, type, events, deliveries, ctx.clock.now());
  return deliveries.map(({ id }) => id);
}
