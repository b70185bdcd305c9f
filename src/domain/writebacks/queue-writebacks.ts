import type { Tx } from "../../platform/database/database.ts";
import { selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { tickAfter } from "./due.rules.ts";
import { insertWritebacks, type NewWriteback, withdrawNotBegun, withdrawOpen } from "./queue-store.ts";
import type { WritebackDecision, WritebackPerson } from "./writeback.ts";

/**
 * Queues what was decided about people for the AMS, in the decision's own transaction: one for each customer key, however
 * many entries a person has here. It supersedes what of theirs was not sent. An account without a bridge makes none; one
 * whose bridge is switched off does, and they wait. (product 5.1, 5.2)
 */
export async function queueWritebacks(
  tx: Tx,
  ctx: AccountContext,
  people: readonly WritebackPerson[],
  decision: WritebackDecision,
): Promise<void> {
  const chosen = onePerKey(people);
  if (chosen.length === 0) return;
  const bridge = await selectBridge(tx, ctx.accountId);
  if (bridge) await insertWritebacks(tx, ctx.accountId, bridge.id, chosen, decision, tickAfter(decision.at));
}

/**
 * A person took their own no back, or a bounce is in doubt: what says so does not go out, if it has not begun to. It
 * queues nothing: only an administrator lifts the AMS's flag (product 5.1), and one that was sent stays until they do.
 */
export async function withdrawWritebacks(
  tx: Tx,
  ctx: AccountContext,
  people: readonly WritebackPerson[],
  type: "unsubscribe" | "bad_email",
): Promise<void> {
  const keys = onePerKey(people).map(({ remoteId }) => remoteId);
  if (keys.length > 0) await withdrawNotBegun(tx, ctx.accountId, keys, type, ctx.clock.now());
}

/** Takes back whatever of these customer keys was not sent: nothing is to be said to the AMS of them any more. */
export async function withdrawUnsent(tx: Tx, ctx: AccountContext, remoteIds: readonly string[]): Promise<void> {
  if (remoteIds.length > 0) await withdrawOpen(tx, ctx.accountId, remoteIds, ctx.clock.now());
}

/** The entry that was made first stands for the person. */
function onePerKey(people: readonly WritebackPerson[]): readonly NewWriteback[] {
  const chosen = new Map<string, NewWriteback>();
  for (const { id, email, remoteId } of people) {
    if (remoteId === null) continue;
    const known = chosen.get(remoteId);
    if (!known || id < known.subscriberId) chosen.set(remoteId, { remoteId, subscriberId: id, email });
  }
  return [...chosen.values()];
}
