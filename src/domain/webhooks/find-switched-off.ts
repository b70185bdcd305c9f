import type { AccountContext } from "../context.ts";
import { selectSwitchedOff } from "./store.ts";
import type { SwitchedOffWebhook } from "./webhook.ts";

/** Webhooks that the program has switched off, for whoever may switch them on again. An account has ten at most. */
export function listSwitchedOff(ctx: AccountContext): Promise<readonly SwitchedOffWebhook[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectSwitchedOff(tx, ctx.accountId));
}
