import type { AmsErrorKind } from "../../connectors/connector.ts";
import type { BridgeHealth } from "./bridge.ts";

/** After so many failed syncs in a row the circuit opens. (netforum-xweb, bounds) */
const failuresThatOpen = 5;
/** While it is open, one sync tries every so many minutes. */
const minutesBetweenProbes = 5;

/** Nothing is known against the bridge. */
export const healthy: BridgeHealth = {
  needsAttentionSince: null,
  needsAttentionReason: null,
  failuresInARow: 0,
  probeAt: null,
};

/**
 * What a sync's end says about the bridge. Refused credentials are final (25 failures lock the account in the AMS); no
 * answer counts towards the circuit; any other failure is an answer, so the AMS is there.
 * @param failure null when the sync succeeded
 */
export function healthAfter(
  before: BridgeHealth,
  failure: { readonly kind: AmsErrorKind | "internal"; readonly message: string } | null,
  now: Temporal.Instant,
): BridgeHealth {
  if (failure === null) return healthy;
  if (failure.kind === "credentials") {
    return { ...before, needsAttentionSince: now, needsAttentionReason: failure.message, probeAt: null };
  }
  if (failure.kind === "internal" || failure.kind === "cancelled") return before;
  if (failure.kind !== "unreachable" && failure.kind !== "token")
    return { ...before, failuresInARow: 0, probeAt: null };
  const failuresInARow = before.failuresInARow + 1;
  const probeAt = failuresInARow >= failuresThatOpen ? now.add({ minutes: minutesBetweenProbes }) : null;
  return { ...before, failuresInARow, probeAt };
}

/** True while nothing but one probe may call the AMS. */
export function isCircuitOpen(health: BridgeHealth): boolean {
  return health.failuresInARow >= failuresThatOpen;
}
