import type { Tx } from "../../../platform/database/database.ts";
import { NotFoundError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import { getMailing } from "../content/get-mailing.ts";
import type { MailingId } from "../mailing.ts";
import { selectVersion, selectVersionContent, selectVersionPage, type VersionPage } from "./store.ts";
import type { MailingContent, Version, VersionLine } from "./version.ts";

/** One page of what stood in a mailing, the latest first. @throws NotFoundError when there is no such mailing */
export function listVersions(ctx: AccountContext, id: MailingId, page: VersionPage): Promise<readonly VersionLine[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getMailing(tx, ctx, id);
    return selectVersionPage(tx, ctx.accountId, id, page);
  });
}

/** One version, whole. @throws NotFoundError when it isn't kept, or there is no such mailing */
export function findVersion(ctx: AccountContext, id: MailingId, number: number): Promise<Version> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getMailing(tx, ctx, id);
    const found = await selectVersion(tx, ctx.accountId, id, number);
    if (!found) throw new NotFoundError("version", String(number));
    return found;
  });
}

/** What is written in one. @throws NotFoundError when it isn't kept */
export async function getVersionContent(
  tx: Tx,
  ctx: AccountContext,
  id: MailingId,
  number: number,
): Promise<MailingContent> {
  const found = await selectVersionContent(tx, ctx.accountId, id, number);
  if (!found) throw new NotFoundError("version", String(number));
  return found;
}
