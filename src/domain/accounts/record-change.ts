import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { insertAuditEntry } from "./store.ts";

/**
 * Writes a person's change into the audit log, in the change's own transaction. (product 6.5)
 * @param detail what changed, without secrets
 */
export async function recordChange(
  tx: Tx,
  ctx: AccountContext,
  action: string,
  subject: string,
  detail: object = {},
): Promise<void> {
  await insertAuditEntry(tx, ctx.accountId, { at: ctx.clock.now(), actor: ctx.actor, action, subject, detail });
}
