import type { CheckReport } from "../../connectors/connector.ts";
import type { Liveness } from "../../platform/database/database.ts";
import { must } from "../../platform/errors.ts";
import { enqueue } from "../../platform/jobs.ts";
import type { Bridge } from "../bridges/bridge.ts";
import { getBridge } from "../bridges/get-bridge.ts";
import { countSessions } from "../bridges/session-store.ts";
import { lockBridge } from "../bridges/store.ts";
import { testBridge } from "../bridges/test-bridge.ts";
import type { AccountContext } from "../context.ts";
import { isBeingTested, testerOf } from "./claim-store.ts";
import { bridgeJob } from "./jobs.ts";

/** Most syncs end within this; who tests a connection looks at a page that waits. */
const patienceMs = 10_000;
const lookMs = 500;

/**
 * Test connection, as one of the bridge's sessions: it waits a few seconds for one that is free, and else says that
 * nothing was tried. It is never one too many: sites end the sessions of those who open more than they may. (product 1.4)
 */
export async function testConnection(ctx: AccountContext, signal: AbortSignal): Promise<CheckReport> {
  const bridge = await ctx.db.transaction(ctx.accountId, (tx) => getBridge(tx, ctx));
  const liveness = await ctx.db.holdLiveness();
  let report: CheckReport | undefined;
  try {
    if (await waitForSession(ctx, bridge, liveness, signal)) report = await testBridge(ctx, signal);
  } finally {
    await liveness[Symbol.asyncDispose]();
  }
  if (!report) return allTaken(bridge);
  // A sync that found no session while this took the last one is looked for again.
  await ctx.db.transaction(ctx.accountId, (tx) =>
    enqueue(tx, bridgeJob, { accountId: ctx.accountId, bridgeId: bridge.id }),
  );
  return report;
}

/** @returns whether a session was free before the patience ended; then it is taken by this test */
async function waitForSession(
  ctx: AccountContext,
  bridge: Bridge,
  liveness: Liveness,
  signal: AbortSignal,
): Promise<boolean> {
  for (let waited = 0; ; waited += lookMs) {
    if (await takeSession(ctx, bridge, liveness)) return true;
    if (waited >= patienceMs || signal.aborted) return false;
    await ctx.clock.sleep(lookMs, signal).catch(() => {});
  }
}

/** Decides under the bridge's row, as those who take syncs do. */
function takeSession(ctx: AccountContext, bridge: Bridge, liveness: Liveness): Promise<boolean> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { settings } = must(await lockBridge(tx, ctx.accountId, bridge.id), "a bridge stays");
    const taken = await countSessions(tx, ctx.accountId, bridge.id);
    if (taken >= settings.sessionLimit || (await isBeingTested(tx, bridge.id))) return false;
    await liveness.hold(testerOf(bridge.id));
    return true;
  });
}

function allTaken({ settings: { sessionLimit } }: Bridge): CheckReport {
  const message = `The sessions that the bridge may have at once (${sessionLimit}) are taken by syncs that run, or by another test, so nothing was tried. Test again when one of them has ended.`;
  return { ok: false, steps: [{ title: "Wait for a free session", outcome: "skipped", message }] };
}
