import { enqueue } from "../../platform/jobs.ts";
import { tallyRemoved } from "../accounts/removed-between-nights.ts";
import type { Context } from "../context.ts";
import { selectImportsWithWork } from "./import-store.ts";
import { importJob } from "./jobs.ts";
import { deleteOldUploads } from "./store.ts";

/** Hands out imports that nobody is on: those that wait, and those whose process died. */
export async function sweepImports(ctx: Context): Promise<void> {
  await ctx.db.system(async (tx) => {
    for (const { accountId, syncId } of await selectImportsWithWork(tx))
      await enqueue(tx, importJob, { accountId, syncId }, { key: `import:${syncId}` });
  });
}

/** Forgets files that nobody imported within the days that their account gives them, and what is left of those that were. */
export async function forgetOldUploads(ctx: Context): Promise<void> {
  await ctx.db.system(async (tx) => {
    for (const { accountId, files } of await deleteOldUploads(tx, ctx.clock.now()))
      await tallyRemoved(tx, accountId, "uploads", files);
  });
}
