import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import { enqueue } from "../../../platform/jobs.ts";
import type { AccountContext } from "../../context.ts";
import { tell } from "../../events/tell.ts";
import type { ActiveState, HoldKind, InstanceState } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { insertInstanceEvent, lockInstance, updateInstanceState } from "./instance-store.ts";
import { tellOwnerJob } from "./jobs.ts";

const activeStates: readonly InstanceState[] = [
  "scheduled",
  "syncing",
  "building",
  "counting_down",
  "sending",
] satisfies readonly ActiveState[];

/** Whether something happens, or waits for its time, in this state. */
export function isActive(state: InstanceState): state is ActiveState {
  return activeStates.includes(state);
}

/**
 * Puts an instance on hold: it waits for a person, its owner is told, and Home shows it under *Requires attention*.
 * One that is paused, held or over stays as it is. (product 4.3, 4.4)
 * @param message what happened and what it means, in the reader's words
 * @returns whether it was put on hold now
 */
export async function holdInstance(
  tx: Tx,
  ctx: AccountContext,
  id: InstanceId,
  kind: HoldKind,
  message: string,
): Promise<boolean> {
  const instance = await lockInstance(tx, ctx.accountId, id);
  if (!instance || !isActive(instance.state)) return false;
  const now = ctx.clock.now();
  await updateInstanceState(
    tx,
    ctx.accountId,
    instance,
    "on_hold",
    sql`resumes_in = ${instance.state}, hold_kind = ${kind}, hold_message = ${message}, held_at = ${now}, retry_at = null`,
  );
  await insertInstanceEvent(tx, ctx.accountId, id, { at: now, state: "on_hold", message, by: null });
  await enqueue(tx, tellOwnerJob, { accountId: ctx.accountId, instanceId: id, heldAt: now.toString() });
  const held = { instanceId: id, mailingId: instance.mailingId, name: instance.name, recipients: instance.recipients };
  await tell(tx, ctx, "mailing.on_hold", [{ ...held, kind, reason: message }], instance.ownerId);
  ctx.db.afterCommit(tx, () => ctx.log.warn({ instance: id, kind }, "put a mailing on hold"));
  return true;
}
