import { type Context, inAccount } from "../domain/context.ts";
import { nightlyJob } from "../domain/syncs/jobs.ts";
import { goOnWithNightly } from "../domain/syncs/nightly.ts";
import { handle } from "../platform/jobs.ts";

export const runNightlyJob = (ctx: Context) =>
  handle(nightlyJob, ({ accountId, runId }) => goOnWithNightly(inAccount(ctx, accountId, "schedule"), runId));
