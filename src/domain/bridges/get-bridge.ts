import type { Connector, SessionSettings } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, must, NotFoundError, SetupError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import type { Bridge } from "./bridge.ts";
import { selectBridge, selectSealedPassword } from "./store.ts";

/** The account's bridge is switched off, or its credentials were refused: nothing may call the AMS. (product 1.3) */
export class BridgeNotUsableError extends ConflictError {}

/** The account's bridge, or undefined before it is set up. */
export function findBridge(ctx: AccountContext): Promise<Bridge | undefined> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectBridge(tx, ctx.accountId));
}

/** @throws NotFoundError when the account has no bridge yet */
export async function getBridge(tx: Tx, ctx: AccountContext): Promise<Bridge> {
  const bridge = await selectBridge(tx, ctx.accountId);
  if (!bridge)
    throw new NotFoundError("bridge", ctx.accountId, "Set one up: lockstep bridge set, or PUT /api/v1/bridge.");
  return bridge;
}

/**
 * The account's bridge, if it may be called now.
 * @throws BridgeNotUsableError when it is inactive or needs attention: the person who asks is told so (1.3)
 */
export async function getUsableBridge(tx: Tx, ctx: AccountContext): Promise<Bridge> {
  const bridge = await getBridge(tx, ctx);
  const trouble = whyNotUsable(bridge);
  if (trouble) throw new BridgeNotUsableError(trouble.code, trouble.message, trouble.wayOut);
  return bridge;
}

/** Why no trigger may call this bridge, or null. */
export function whyNotUsable(
  bridge: Bridge,
): { readonly code: string; readonly message: string; readonly wayOut: string } | null {
  if (!bridge.isActive) {
    return {
      code: "bridge_inactive",
      message: "The bridge is switched off, so nothing is asked of the AMS.",
      wayOut: "Switch it on in Admin › Setup › Bridge Configuration.",
    };
  }
  if (bridge.health.needsAttentionSince) {
    return {
      code: "bridge_needs_attention",
      message: `The bridge needs attention: ${bridge.health.needsAttentionReason ?? "its credentials were refused."}`,
      wayOut: "Save the right user name and password, or test the connection, in Admin › Setup › Bridge Configuration.",
    };
  }
  return null;
}

export function connectorOf(ctx: AccountContext, bridge: Pick<Bridge, "connector">): Connector {
  return must(ctx.connectors.get(bridge.connector), `no connector is called '${bridge.connector}'`);
}

/**
 * What a session needs, the password opened. Keep it no longer than the session.
 * @throws SetupError when the password was sealed with another key, or was altered
 */
export async function openSettings(ctx: AccountContext, bridge: Bridge): Promise<SessionSettings> {
  const sealed = await ctx.db.transaction(ctx.accountId, (tx) => selectSealedPassword(tx, ctx.accountId, bridge.id));
  const password = openPassword(ctx, must(sealed, "a bridge has a password"));
  return { baseUrl: bridge.baseUrl, userName: bridge.userName, password, mapping: bridge.mapping };
}

/** @throws SetupError when it was sealed with another key, or was altered */
export function openPassword(ctx: AccountContext, sealed: Buffer): string {
  try {
    return ctx.secrets.open(sealed, ctx.accountId);
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    throw new SetupError(cause.code, `The bridge's password can't be opened: ${cause.message}`, cause.wayOut, {
      cause,
    });
  }
}
