import { z } from "zod";
import { defineJob } from "../../platform/jobs.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { NightlyRunId, SyncId } from "./sync.ts";

const accountId = z.uuid().transform((id) => id as AccountId);

/** "See whether this bridge has a sync to run": which one, if any, our own rows tell. */
export const bridgeJob = defineJob(
  "work-on-bridge",
  z.object({ accountId, bridgeId: z.uuid().transform((id) => id as BridgeId) }),
);

/** "See whether this Nightly Sync can go on." */
export const nightlyJob = defineJob(
  "go-on-with-nightly",
  z.object({ accountId, runId: z.uuid().transform((id) => id as NightlyRunId) }),
);

/** "A sync that a publish waits for has ended, or is held": whoever waits goes on. */
export const syncEndedJob = defineJob(
  "publish-sync-ended",
  z.object({ accountId, syncId: z.uuid().transform((id) => id as SyncId) }),
);
