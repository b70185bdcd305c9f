import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext, Context } from "../context.ts";
import { type ErasedHash, selectErased } from "./erased-store.ts";

/** What pages show in the place of an erased person's address. */
export const erasedName = "Erased on request";

/** Whom the account erased. Nobody's address can be read from it; who comes again is known all the same. (product 2.6) */
export interface Erased {
  /**
   * Whether a row is an erased person's.
   * @param emailKey the form that addresses are compared in; empty or null for none
   * @param remoteId customer key; null to ask by the address alone
   */
  has(emailKey: string | null, remoteId: string | null): boolean;
}

/**
 * Whom the account erased, or null when nobody: then there is nothing to look for, and it costs nothing.
 * @param since only those erased behind this apply turn
 */
export async function findErased(tx: Tx, ctx: AccountContext, since = -1): Promise<Erased | null> {
  const found = await selectErased(tx, ctx.accountId, since);
  return found.length === 0 ? null : erasedAmong(ctx, ctx.accountId, found);
}

/** The same from hashes at hand. Two hashes a row: with reading it some 10 µs, where anybody was erased. */
export function erasedAmong(ctx: Context, account: string, found: readonly ErasedHash[]): Erased {
  const hashes = new Set(found.map(({ hash }) => hash.toString("latin1")));
  const has = (hash: Buffer) => hashes.has(hash.toString("latin1"));
  return {
    has: (emailKey, remoteId) =>
      (emailKey !== null && emailKey !== "" && has(hashAddress(ctx, account, emailKey))) ||
      (remoteId !== null && remoteId !== "" && has(hashRemoteId(ctx, account, remoteId))),
  };
}

/** For one account alone: the same person's hash in another account is another. */
export function hashAddress({ secrets }: Context, account: string, emailKey: string): Buffer {
  return secrets.sign("erased address", Buffer.from(`${account}\n${emailKey}`));
}

export function hashRemoteId({ secrets }: Context, account: string, remoteId: string): Buffer {
  return secrets.sign("erased customer key", Buffer.from(`${account}\n${remoteId}`));
}
