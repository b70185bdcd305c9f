import { NotFoundError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { findSubscriber } from "../subscribers/find-subscribers.ts";
import { type PersonEvent, selectTimeline, type TimelinePage } from "./timeline-store.ts";

/**
 * One page of what happened to a person, the latest first: groups and the syncs that did it, mailings, what was said of
 * writing to them and by whom, and what went back to the AMS. (product 1.8)
 * @throws NotFoundError when the account has no such subscriber, or the person was erased
 */
export async function listTimeline(
  ctx: AccountContext,
  id: number,
  page: TimelinePage,
): Promise<readonly PersonEvent[]> {
  const { erasedAt } = await findSubscriber(ctx, id);
  if (erasedAt !== null) throw new NotFoundError("subscriber", String(id));
  return ctx.db.transaction(ctx.accountId, (tx) => selectTimeline(tx, ctx.accountId, id, page));
}
