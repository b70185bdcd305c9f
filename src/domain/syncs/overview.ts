import type { Bridge } from "../bridges/bridge.ts";
import { findBridge } from "../bridges/get-bridge.ts";
import type { AccountContext } from "../context.ts";
import { type AudienceSize, listAudienceSizes } from "../subscribers/audience-size.ts";
import { listNightlyRuns } from "./nightly.ts";
import type { NightlyRun } from "./nightly-store.ts";
import {
  type FailedList,
  type Freshness,
  type GroupTrouble,
  type NightCounts,
  selectFailedList,
  selectFreshness,
  selectGroupTroubles,
  selectNightCounts,
} from "./overview-store.ts";
import { selectOpenSyncsOfBridge } from "./store.ts";
import type { Sync } from "./sync.ts";

/** What a person wants to know before anything else. */
export interface Overview {
  readonly bridge: Bridge | null;
  /** The first that require attention; `moreTroubles` says that there are others. */
  readonly troubles: readonly GroupTrouble[];
  readonly moreTroubles: boolean;
  readonly failedList: FailedList | null;
  readonly running: readonly Sync[];
  readonly waiting: number;
  readonly freshness: Freshness;
  readonly audience: readonly AudienceSize[];
  readonly lastNight: (NightlyRun & NightCounts) | null;
}

const mostTroubles = 20;
const mostRunning = 20;
const days = 90;

/** Home: what requires attention, what runs, how fresh the groups are, how the audience grows. */
export async function findOverview(ctx: AccountContext): Promise<Overview> {
  const bridge = await findBridge(ctx);
  const [lastRun] = await listNightlyRuns(ctx, { limit: 1 });
  const audience = await listAudienceSizes(ctx, days);
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const troubles = await selectGroupTroubles(tx, ctx.accountId, mostTroubles + 1);
    const open = bridge ? await selectOpenSyncsOfBridge(tx, ctx.accountId, bridge.id, mostRunning) : noSyncs;
    return {
      bridge: bridge ?? null,
      troubles: troubles.slice(0, mostTroubles),
      moreTroubles: troubles.length > mostTroubles,
      failedList: bridge ? await selectFailedList(tx, ctx.accountId) : null,
      ...open,
      freshness: await selectFreshness(tx, ctx.accountId, ctx.clock.now()),
      audience,
      lastNight: lastRun ? { ...lastRun, ...(await selectNightCounts(tx, ctx.accountId, lastRun.id)) } : null,
    };
  });
}

const noSyncs = { running: [] as readonly Sync[], waiting: 0 };
