import type { Tx } from "../../../platform/database/database.ts";
import { NotFoundError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import type { Mailing, MailingId } from "../mailing.ts";
import { countMailings, type MailingFilter, type MailingLine, selectMailingPage } from "./list-store.ts";
import { selectMailing } from "./mailing-store.ts";

/** @throws NotFoundError when the account has no such mailing */
export async function getMailing(tx: Tx, ctx: AccountContext, id: MailingId): Promise<Mailing> {
  const mailing = await selectMailing(tx, ctx.accountId, id);
  if (!mailing) throw new NotFoundError("mailing", id);
  return mailing;
}

export function findMailing(ctx: AccountContext, id: MailingId): Promise<Mailing> {
  return ctx.db.transaction(ctx.accountId, (tx) => getMailing(tx, ctx, id));
}

/** One page of mailings or of templates, the last changed first, and how many mailings each state has. */
export function listMailings(ctx: AccountContext, filter: MailingFilter) {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const items: readonly MailingLine[] = await selectMailingPage(tx, ctx.accountId, filter);
    return { items, counts: Object.fromEntries(await countMailings(tx, ctx.accountId)) };
  });
}
