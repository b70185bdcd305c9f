import type { z } from "zod";
import { selectUser } from "../../accounts/user-store.ts";
import { type Context, inAccount } from "../../context.ts";
import { selectInstance } from "./instance-store.ts";
import type { tellOwnerJob } from "./jobs.ts";

/**
 * The job: writes to the owner that a mailing is on hold, why, and what to do. (product 4.3) Silent when it isn't that
 * hold any more, when nobody owns it, or where no mail is configured: Home shows it all the same.
 */
export async function tellOwner(
  ctx: Context,
  { accountId, instanceId, heldAt }: z.infer<(typeof tellOwnerJob)["payload"]>,
): Promise<void> {
  if (!ctx.mail) return;
  const own = inAccount(ctx, accountId, "worker");
  const instance = await own.db.transaction(accountId, (tx) => selectInstance(tx, accountId, instanceId));
  if (instance?.heldAt?.toString() !== heldAt || instance.ownerId === null) return;
  const { ownerId } = instance;
  const owner = await ctx.db.system((tx) => selectUser(tx, ownerId));
  if (!owner || owner.disabledAt) return;
  await ctx.mail.send({
    to: owner.email,
    subject: `On hold: ${instance.name}`,
    text: `Hello ${owner.name},\n\nyour mailing '${instance.name}' is on hold.\n\n${instance.holdMessage}\n\nDecide here:\n\n${ctx.baseUrl}/instances/${instanceId}\n`,
  });
}
