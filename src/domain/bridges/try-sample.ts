import { ConflictError } from "../../platform/errors.ts";
import type { AccountContext, Context } from "../context.ts";
import type { Bridge } from "./bridge.ts";
import { configureBridge } from "./configure-bridge.ts";
import { findBridge } from "./get-bridge.ts";

/** Whether the operator offers made-up data to try Lockstep with. */
export function isSampleOffered(ctx: Context): boolean {
  return [...ctx.connectors.values()].some((connector) => connector.sample !== undefined);
}

/**
 * Connects an account that has no bridge yet to the operator's simulator.
 * @throws ConflictError when none is offered, or when the account has a bridge
 */
export async function trySample(ctx: AccountContext): Promise<Bridge> {
  const connector = [...ctx.connectors.values()].find(({ sample }) => sample !== undefined);
  if (!connector?.sample)
    throw new ConflictError("no_sample", "There is no sample data here.", "The operator sets LOCKSTEP_SAMPLE_AMS.");
  if (await findBridge(ctx))
    throw new ConflictError("bridge_exists", "The account has a bridge already.", "Sample data is for empty accounts.");
  return configureBridge(ctx, { connector: connector.id, ...connector.sample });
}
