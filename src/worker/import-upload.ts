import { type Context, inAccount } from "../domain/context.ts";
import { importJob } from "../domain/uploads/jobs.ts";
import { runImport } from "../domain/uploads/run-import.ts";
import { handle } from "../platform/jobs.ts";

export const importUploadJob = (ctx: Context) =>
  handle(importJob, ({ accountId, syncId }, run) => runImport(inAccount(ctx, accountId, "worker"), syncId, run));
