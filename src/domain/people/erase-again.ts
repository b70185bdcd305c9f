import { NotFoundError, SetupError } from "../../platform/errors.ts";
import type { AccountId } from "../accounts/account.ts";
import { selectAccounts } from "../accounts/store.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import { findEntries } from "../subscribers/erase-entries.ts";
import { keepErasures, listErasures } from "../subscribers/erasure-register.ts";
import { findErasedSubscribers } from "../subscribers/find-erased-subscribers.ts";
import { eraseFound } from "./erase-person.ts";
import type { ErasureRegister } from "./register.ts";

/** Whom all accounts erased until now, for another state of the database. */
export async function findErasures(ctx: Context): Promise<ErasureRegister> {
  const at = ctx.clock.now().toString();
  return { at, keyId: ctx.secrets.keyId, lines: await listErasures(ctx) };
}

/**
 * Erases anew whoever was erased and stands there again: after a state from before was restored. (product 2.6, 6.3)
 * @param register what the state knew that was replaced: people erased since the restored one are found by it; null
 *   where only those are looked for whom this state itself knows
 * @returns how many people
 * @throws SetupError when the register's hashes are made with another key: nobody would be found by them
 */
export async function eraseAgain(ctx: Context, register: ErasureRegister | null, actor: string): Promise<number> {
  const keyId = register?.keyId ?? null;
  if (keyId !== null && keyId !== ctx.secrets.keyId)
    throw new SetupError(
      "other_key",
      `The register's hashes are made with key ${keyId}; here is key ${ctx.secrets.keyId}, which finds nobody by them.`,
      "Put back the original's key (LOCKSTEP_SECRET_KEY, or secret.key in the data folder), and try again.",
    );
  const accounts = new Set((await ctx.db.system(selectAccounts)).map(({ id }) => id));
  const known = (register?.lines ?? []).filter(({ accountId }) => accounts.has(accountId));
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
