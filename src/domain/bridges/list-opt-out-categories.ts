import type { AccountContext } from "../context.ts";
import type { OptOutCategory } from "./opt-out-category.ts";
import { selectCategories } from "./opt-out-store.ts";

/** Those that the list syncs brought; none where the AMS doesn't offer them. */
export function listOptOutCategories(ctx: AccountContext): Promise<readonly OptOutCategory[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectCategories(tx, ctx.accountId));
}
