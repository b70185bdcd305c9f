import { z } from "zod";
import { defineJob } from "../../../platform/jobs.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";

/** "Write to the owner that this instance is on hold", if it is the hold of that instant still. */
export const tellOwnerJob = defineJob(
  "tell-owner-of-hold",
  z.object({
    accountId: z.uuid().transform((id) => id as AccountId),
    instanceId: z.uuid().transform((id) => id as InstanceId),
    heldAt: z.string(),
  }),
);
