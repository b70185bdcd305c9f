import { passwordLinkJob, sendPasswordLink } from "../domain/accounts/password-link.ts";
import type { Context } from "../domain/context.ts";
import { handle, type JobHandler } from "../platform/jobs.ts";

export function sendPasswordLinkJob(ctx: Context): JobHandler<Parameters<typeof sendPasswordLink>[1]> {
  return handle(passwordLinkJob, (payload) => sendPasswordLink(ctx, payload));
}
