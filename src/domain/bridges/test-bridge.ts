import type { CheckReport } from "../../connectors/connector.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { connectorOf, getBridge, openSettings } from "./get-bridge.ts";
import { lockBridge, updateBridgeHealth } from "./store.ts";

/**
 * Test connection: tries everything the bridge needs and says in plain words what works and what is missing. A good
 * report lifts "needs attention" and closes the circuit.
 */
export async function testBridge(ctx: AccountContext, signal: AbortSignal): Promise<CheckReport> {
  const bridge = await ctx.db.transaction(ctx.accountId, (tx) => getBridge(tx, ctx));
  const session = connectorOf(ctx, bridge).open(await openSettings(ctx, bridge));
  const report = await session.check(signal).finally(() => session[Symbol.asyncDispose]());
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (report.ok) {
      const held = await lockBridge(tx, ctx.accountId, bridge.id);
      if (held?.version === bridge.version) {
        await updateBridgeHealth(tx, ctx.accountId, bridge.id, {
          needsAttentionSince: null,
          needsAttentionReason: null,
          failuresInARow: 0,
          probeAt: null,
        });
      }
    }
    await recordChange(tx, ctx, "bridge.test", bridge.baseUrl, { ok: report.ok });
  });
  return report;
}
