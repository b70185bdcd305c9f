import type { Tx } from "../../platform/database/database.ts";
import type { Bridge, BridgeId } from "../bridges/bridge.ts";
import { isCircuitOpen } from "../bridges/health.rules.ts";
import { countSessions, selectShares } from "../bridges/session-store.ts";
import type { AccountContext } from "../context.ts";
import { hasAsked, hasWaited } from "./send-store.ts";
import { askedSeconds, overdueMinutes, type Shares, turnPauseMinutes } from "./share-sessions.rules.ts";

/** How the bridge's sessions stand. Ask under the bridge's row, where one is opened by the answer. */
export async function readShares(tx: Tx, ctx: AccountContext, bridge: Bridge, processId: string): Promise<Shares> {
  const { others, syncsWait } = await selectShares(tx, ctx.accountId, bridge.id);
  return {
    limit: isCircuitOpen(bridge.health) ? 1 : bridge.settings.sessionLimit,
    taken: await countSessions(tx, ctx.accountId, bridge.id, { processId, applied: [] }),
    writebacks: others,
    syncsWait,
    isOverdue: await isOverdue(tx, ctx, bridge.id),
  };
}

/** Sessions that syncs leave to writebacks: one, when those have waited too long, have none and ask for one. */
export async function countReserved(tx: Tx, ctx: AccountContext, bridge: BridgeId): Promise<0 | 1> {
  if (!(await hasAsked(tx, ctx.accountId, bridge, ctx.clock.now().subtract({ seconds: askedSeconds })))) return 0;
  if (!(await isOverdue(tx, ctx, bridge))) return 0;
  return (await selectShares(tx, ctx.accountId, bridge)).others === 0 ? 1 : 0;
}

function isOverdue(tx: Tx, ctx: AccountContext, bridge: BridgeId): Promise<boolean> {
  const now = ctx.clock.now();
  const [dueSince, unsentSince] = [
    now.subtract({ minutes: overdueMinutes }),
    now.subtract({ minutes: turnPauseMinutes }),
  ];
  return hasWaited(tx, ctx.accountId, bridge, dueSince, unsentSince);
}
