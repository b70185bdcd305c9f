import { NotFoundError } from "../../platform/errors.ts";
import type { AccountId } from "../accounts/account.ts";
import { selectAccounts } from "../accounts/store.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import { findEntries } from "../subscribers/erase-entries.ts";
import { type ErasureLine, keepErasures, listErasures } from "../subscribers/erasure-register.ts";
import { findErasedSubscribers } from "../subscribers/find-erased-subscribers.ts";
import { eraseFound } from "./erase-person.ts";

export { type ErasureLine, listErasures };

/**
 * Erases anew whoever was erased and stands there again: after a state from before was restored. (product 2.6, 6.3)
 * @param register what the state knew that was replaced: people erased since the restored one are found by it
 * @returns how many people
 */
export async function eraseAgain(ctx: Context, register: readonly ErasureLine[], actor: string): Promise<number> {
  const accounts = new Set((await ctx.db.system(selectAccounts)).map(({ id }) => id));
  const known = register.filter(({ accountId }) => accounts.has(accountId));
  for (const [accountId, lines] of Map.groupBy(known, (line) => line.accountId))
    await keepErasures(inAccount(ctx, accountId, actor), lines);
  let people = 0;
  for (const { accountId, id } of await findErasedSubscribers(ctx))
    people += await eraseOne(inAccount(ctx, accountId as AccountId, actor), id);
  return people;
}

/** One person's rows are found one by one, and erased with the first. */
async function eraseOne(ctx: AccountContext, id: number): Promise<number> {
  try {
    const found = await ctx.db.transaction(ctx.accountId, (tx) => findEntries(tx, ctx, id));
    await eraseFound(ctx, id, found);
    return 1;
  } catch (error) {
    if (error instanceof NotFoundError) return 0;
    throw error;
  }
}
