import { z } from "zod";
import { defineJob } from "../../platform/jobs.ts";
import type { AccountId } from "../accounts/account.ts";
import type { InstanceId } from "./mailing.ts";

const payload = z.object({
  accountId: z.uuid().transform((id) => id as AccountId),
  instanceId: z.uuid().transform((id) => id as InstanceId),
});

/** "Take this instance a step on, if its step is done." */
export const publishJob = defineJob("publish-mailing", payload);

/** "Send what of this instance is due." Several processes may work on one instance at once. */
export const deliverJob = defineJob("deliver-mailing", payload);
