import { z } from "zod";
import { defineJob } from "../../platform/jobs.ts";
import type { AccountId } from "../accounts/account.ts";
import type { SyncId } from "../syncs/sync.ts";

/** "See whether this file waits to be imported." */
export const importJob = defineJob(
  "import-upload",
  z.object({
    accountId: z.uuid().transform((id) => id as AccountId),
    syncId: z.uuid().transform((id) => id as SyncId),
  }),
);
