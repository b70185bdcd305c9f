import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import { tell } from "../../events/tell.ts";
import type { InstanceId } from "../mailing.ts";
import { hasUnsentRecipients, insertInstanceEvent, lockInstance, updateInstanceState } from "./instance-store.ts";

/**
 * Ends an instance when nobody is left to be sent to: no recipient waits, is deferred or in a worker's hands.
 * (product 4.2) Safe to call at any time.
 * @returns whether it ended now
 */
export async function finishIfAllSent(tx: Tx, ctx: AccountContext, id: InstanceId): Promise<boolean> {
  const instance = await lockInstance(tx, ctx.accountId, id);
  if (instance?.state !== "sending" || (await hasUnsentRecipients(tx, ctx.accountId, id))) return false;
  const now = ctx.clock.now();
  await updateInstanceState(tx, ctx.accountId, instance, "sent", sql`finished_at = ${now}`);
  await insertInstanceEvent(tx, ctx.accountId, id, { at: now, state: "sent", message: "Sent", by: null });
  const { mailingId, name, recipients } = instance;
  await tell(tx, ctx, "mailing.sent", [{ instanceId: id, mailingId, name, recipients, finishedAt: now.toString() }]);
  ctx.db.afterCommit(tx, () => ctx.log.info({ instance: id }, "sent a mailing"));
  return true;
}
