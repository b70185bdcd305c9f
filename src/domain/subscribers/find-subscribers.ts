import { NotFoundError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { addressKey } from "./address.rules.ts";
import { selectEntriesAt } from "./erased-store.ts";
import { peopleSearch } from "./search.rules.ts";
import { selectFoundSubscribers, selectSubscriber, selectSubscriberPage, selectSubscribersAmong } from "./store.ts";
import type { Subscriber } from "./subscriber.ts";

/** @throws NotFoundError when the account has no such subscriber */
export async function findSubscriber(ctx: AccountContext, id: number): Promise<Subscriber> {
  const subscriber = await ctx.db.transaction(ctx.accountId, (tx) => selectSubscriber(tx, ctx.accountId, id));
  if (!subscriber) throw new NotFoundError("subscriber", String(id));
  return subscriber;
}

/** The first who came with an address; null when nobody did. */
export async function findByAddress(ctx: AccountContext, email: string): Promise<number | null> {
  const key = addressKey(email);
  if (key === null) return null;
  const [first] = await ctx.db.transaction(ctx.accountId, (tx) => selectEntriesAt(tx, ctx.accountId, [key]));
  return first?.id ?? null;
}

/**
 * One page of subscribers, by address: those with words that begin like the text's (of the address, of a kept value) or
 * with a remote ID that begins with it; everybody without a text.
 */
export function searchSubscribers(
  ctx: AccountContext,
  search: string | undefined,
  limit: number,
  after?: { readonly key: string; readonly id: number },
): Promise<readonly (Subscriber & { readonly key: string })[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    if (search === undefined || search.trim() === "") return selectSubscriberPage(tx, ctx.accountId, { limit, after });
    const sought = peopleSearch(search);
    if (sought.words === null && sought.keyFrom === null) return [];
    const ids = await selectFoundSubscribers(tx, { ...sought, limit, after });
    return selectSubscribersAmong(tx, ctx.accountId, ids);
  });
}
