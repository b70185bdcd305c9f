import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { AccountContext } from "../context.ts";
import type { EventData, EventType } from "../notices/event.rules.ts";
import { insertDeliveries } from "./store.ts";
import type { DeliveryId, WebhookId } from "./webhook.ts";

/** Queues events for webhooks, in the caller's transaction. @returns the deliveries, by event and then by webhook */
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
