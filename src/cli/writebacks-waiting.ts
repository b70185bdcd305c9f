import type { App } from "../app.ts";
import type { BridgeHealth } from "../domain/bridges/bridge.ts";
import { findBridge } from "../domain/bridges/get-bridge.ts";
import type { AccountContext } from "../domain/context.ts";
import { findInstallation } from "../domain/installation/installation.ts";
import type { WritebackSummary } from "../domain/writebacks/find-writebacks.ts";
import { measureWorkers } from "./workers.ts";

/** Due for so long, a writeback doesn't wait for its turn any more: something is in its way. */
const longestDueMinutes = 5;

/** What keeps an account's writebacks from going out, each with what to do; empty when they go. */
export async function whyWaiting(app: App, ctx: AccountContext): Promise<readonly string[]> {
  const found: string[] = [];
  if ((await measureWorkers(app.ctx)) === 0)
    found.push("No worker runs: start one with lockstep serve or lockstep worker.");
  if ((await findInstallation(app.ctx))?.pausedAt)
    found.push("Sending is paused, since this may be a copy: lockstep doctor says why; go on with lockstep resume.");
  const bridge = await findBridge(ctx);
  if (!bridge) found.push("There is no bridge: lockstep bridge set.");
  else if (!bridge.isActive) found.push("The bridge is switched off: lockstep bridge set --active yes.");
  else found.push(...inTheWay(bridge.health));
  return found;
}

function inTheWay({ needsAttentionReason, probeAt }: BridgeHealth): readonly string[] {
  if (needsAttentionReason !== null)
    return [
      `${needsAttentionReason} Nothing calls it until that is mended. Are the user and password right there? Then: lockstep bridge test. Else save the right ones: lockstep bridge set --user … --password-stdin.`,
    ];
  if (probeAt !== null)
    return [
      `The AMS doesn't answer. It is tried again at ${probeAt}, every five minutes until it does; nothing is lost. Is it up? lockstep bridge test asks at once.`,
    ];
  return [];
}

/** What an operator should know of an account's writebacks, as one line, and whether somebody has to do something. */
export function describeWritebacks(
  { counts, nextDueAt }: Pick<WritebackSummary, "counts" | "nextDueAt">,
  now: Temporal.Instant,
): { readonly message: string; readonly isStuck: boolean } {
  const late = nextDueAt === null ? 0 : now.since(nextDueAt).total("minutes");
  const isLate = late >= longestDueMinutes;
  const parts = [
    ...(counts.ready > 0 ? [`${counts.ready} wait${isLate ? `, the oldest due since ${nextDueAt}` : ""}`] : []),
    ...(counts.processing > 0 ? [`${counts.processing} under way`] : []),
    ...(counts.failed > 0
      ? [
          `${counts.failed} refused three times: see why with lockstep writebacks list --state failed, mend what they name, then lockstep writebacks retry --all`,
        ]
      : []),
  ];
  return { message: parts.join("; ") || "none waits, none has failed", isStuck: isLate || counts.failed > 0 };
}
