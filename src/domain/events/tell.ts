import type { Tx } from "../../platform/database/database.ts";
import type { UserId } from "../accounts/user.ts";
import type { AccountContext } from "../context.ts";
import type { EventData, EventType } from "../notices/event.rules.ts";
import { tellUsers } from "../notices/tell-users.ts";
import { queueDeliveries } from "../webhooks/queue-deliveries.ts";
import { selectListeners } from "./store.ts";

/**
 * Tells the account's webhooks and users what happened, in the transaction in which it does: rolled back, nobody hears
 * of it. Where nobody listens it costs a look; where somebody does, a few statements, however much happened.
 * @param happened all of one type; nothing is told of nothing
 * @param apartFrom a user who is told in another way
 */
export async function tell<Type extends EventType>(
  tx: Tx,
  ctx: AccountContext,
  type: Type,
  happened: readonly EventData[Type][],
  apartFrom: UserId | null = null,
): Promise<void> {
  if (happened.length === 0) return;
  const { webhooks, users } = await selectListeners(tx, ctx, type);
  if (webhooks.length > 0) await queueDeliveries(tx, ctx, webhooks, type, happened);
  const others = users.filter((id) => id !== apartFrom);
  if (others.length > 0) await tellUsers(tx, ctx, others, type, happened);
}
