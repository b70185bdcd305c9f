import { type Context, inAccount } from "../domain/context.ts";
import { publishJob } from "../domain/mailings/jobs.ts";
import { goOnAfterSync, goOnWithInstance } from "../domain/mailings/publish/go-on.ts";
import { tellOwnerJob } from "../domain/mailings/publish/jobs.ts";
import { tellOwner } from "../domain/mailings/publish/tell-owner.ts";
import { syncEndedJob } from "../domain/syncs/jobs.ts";
import { handle } from "../platform/jobs.ts";

export const publishMailingJob = (ctx: Context) =>
  handle(publishJob, ({ accountId, instanceId }) =>
    goOnWithInstance(inAccount(ctx, accountId, "schedule"), instanceId),
  );

export const publishSyncEndedJob = (ctx: Context) =>
  handle(syncEndedJob, ({ accountId, syncId }) => goOnAfterSync(inAccount(ctx, accountId, "schedule"), syncId));

export const tellOwnerOfHoldJob = (ctx: Context) => handle(tellOwnerJob, (payload) => tellOwner(ctx, payload));
