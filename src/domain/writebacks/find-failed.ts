import type { AccountContext } from "../context.ts";
import { type FailedWritebacks, selectFailed } from "./failed-store.ts";

/** For Home: what of the writebacks waits for a person, or null. (product 5.2) */
export function findFailedWritebacks(ctx: AccountContext): Promise<FailedWritebacks | null> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectFailed(tx, ctx.accountId));
}
