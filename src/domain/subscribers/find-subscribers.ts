import { NotFoundError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { addressKey } from "./address.rules.ts";
import { selectSubscriber, selectSubscribers } from "./store.ts";
import type { Subscriber } from "./subscriber.ts";

/** @throws NotFoundError when the account has no such subscriber */
export async function findSubscriber(ctx: AccountContext, id: number): Promise<Subscriber> {
  const subscriber = await ctx.db.transaction(ctx.accountId, (tx) => selectSubscriber(tx, ctx.accountId, id));
  if (!subscriber) throw new NotFoundError("subscriber", String(id));
  return subscriber;
}

/** One page of subscribers by the beginning of their address, a whole address in any spelling, or a whole remote ID. */
export function searchSubscribers(
  ctx: AccountContext,
  search: string,
  limit: number,
  after?: { readonly key: string; readonly id: number },
) {
  const beginning = addressKey(search) ?? search.trim().toLowerCase();
  return ctx.db.transaction(ctx.accountId, (tx) => selectSubscribers(tx, ctx.accountId, { beginning, limit, after }));
}
