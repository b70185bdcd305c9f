import { z } from "zod";
import { defineJob } from "../../platform/jobs.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";

/** "Send what is due of this bridge's writebacks": which, our own rows tell. */
export const writebackJob = defineJob(
  "send-writebacks",
  z.object({
    accountId: z.uuid().transform((id) => id as AccountId),
    bridgeId: z.uuid().transform((id) => id as BridgeId),
  }),
);
