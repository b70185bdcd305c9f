import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Context } from "../context.ts";
import { erasedAmong } from "./erased.ts";
import { type ErasedHash, selectErased } from "./erased-store.ts";

const rowsAtOnce = 10_000;

/** A subscriber who was erased, and is there again. */
export interface ErasedSubscriber {
  readonly accountId: AccountId;
  readonly id: number;
}

/**
 * Subscribers of all accounts who were erased and stand there nonetheless, as only a restored state or somebody's hand can
 * bring about. Reads everybody of the accounts that erased anybody. (product 2.6, 6.3)
 */
export async function findErasedSubscribers(ctx: Context): Promise<readonly ErasedSubscriber[]> {
  const found: ErasedSubscriber[] = [];
  for (const accountId of await ctx.db.system(selectAccountsWithErased)) {
    await ctx.db.transaction(accountId, async (tx) => {
      const hashes = await selectErased(tx, accountId, -1);
      for await (const id of walk(tx, ctx, accountId, hashes)) found.push({ accountId, id });
    });
  }
  return found;
}

async function* walk(tx: Tx, ctx: Context, account: AccountId, hashes: readonly ErasedHash[]): AsyncGenerator<number> {
  const erased = erasedAmong(ctx, account, hashes);
  await sql`declare subscriber_identities no scroll cursor for
    select id, email_key as "emailKey", remote_id as "remoteId" from subscriber
    where account_id = ${account} and erased_at is null`.execute(tx);
  for (let isMore = true; isMore; ) {
    const { rows } = await sql<{ id: number; emailKey: string; remoteId: string | null }>`
      fetch ${sql.lit(rowsAtOnce)} from subscriber_identities`.execute(tx);
    for (const { id, emailKey, remoteId } of rows) if (erased.has(emailKey, remoteId)) yield id;
    isMore = rows.length === rowsAtOnce;
  }
}

async function selectAccountsWithErased(tx: Tx): Promise<readonly AccountId[]> {
  const { rows } = await sql<{ accountId: AccountId }>`
    select distinct account_id as "accountId" from erased_person`.execute(tx);
  return rows.map(({ accountId }) => accountId);
}
