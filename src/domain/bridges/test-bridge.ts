import { AmsError, type CheckReport } from "../../connectors/connector.ts";
import { SetupError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import type { Bridge } from "./bridge.ts";
import { connectorOf, getBridge, openSettings } from "./get-bridge.ts";
import { healthy } from "./health.rules.ts";
import { lockBridge, updateBridgeHealth } from "./store.ts";

/**
 * Test connection: tries everything the bridge needs and says in plain words what works and what is missing. A good
 * report lifts "needs attention" and closes the circuit. Ask by `testConnection`, which counts it as a session.
 */
export async function testBridge(ctx: AccountContext, signal: AbortSignal): Promise<CheckReport> {
  const bridge = await ctx.db.transaction(ctx.accountId, (tx) => getBridge(tx, ctx));
  const report = await check(ctx, bridge, signal);
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (report.ok) {
      const held = await lockBridge(tx, ctx.accountId, bridge.id);
      if (held?.version === bridge.version) {
        await updateBridgeHealth(tx, ctx.accountId, bridge.id, healthy);
      }
    }
    await recordChange(tx, ctx, "bridge.test", bridge.baseUrl, { ok: report.ok });
  });
  return report;
}

async function check(ctx: AccountContext, bridge: Bridge, signal: AbortSignal): Promise<CheckReport> {
  try {
    const session = connectorOf(ctx, bridge).open(await openSettings(ctx, bridge));
    try {
      return await session.check(signal);
    } finally {
      await session[Symbol.asyncDispose]();
    }
  } catch (error) {
    // What is stored may not be used any more: the operator's rules, the connector's form of a mapping or the key changed.
    if (!(error instanceof AmsError || error instanceof SetupError)) throw error;
    const message = error instanceof SetupError ? `${error.message} ${error.wayOut}` : error.message;
    return { ok: false, steps: [{ title: "Use the stored settings", outcome: "failed", message }] };
  }
}
