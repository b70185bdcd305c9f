import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { checkContent, getMailingToChange } from "../content/change-mailing.ts";
import { getMailing } from "../content/get-mailing.ts";
import { updateMailing } from "../content/mailing-store.ts";
import type { Mailing, MailingId } from "../mailing.ts";
import { refuseArchived } from "../refuse-archived.ts";
import { getVersionContent } from "./find-versions.ts";
import { keepVersion } from "./keep-version.ts";

export interface Restored {
  readonly mailing: Mailing;
  /** The version of what stood before: restoring it takes this back. Null where the same stood there already. */
  readonly undoVersion: number | null;
}

/**
 * Brings back what was written in a version; its name, its audience and its category stay as they are now. What stood
 * before is a version, so nothing is lost by it. Pictures that were deleted since are shown as before: deleting one
 * takes it off the list only.
 * @throws NotFoundError when the version isn't kept any longer, or there is no such mailing
 * @throws ConflictError when somebody else changed the mailing meanwhile, or it is archived
 * @throws InvalidInputError when what is written in it can't be saved
 */
export function restoreVersion(
  ctx: AccountContext,
  id: MailingId,
  number: number,
  seen: number | undefined,
): Promise<Restored> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const before = await getMailingToChange(tx, ctx, id, seen);
    refuseArchived(before);
    const content = await getVersionContent(tx, ctx, id, number);
    const after: Mailing = { ...before, ...content, updatedAt: ctx.clock.now(), updatedBy: ctx.actor };
    checkContent(after, content);
    const write = () => updateMailing(tx, ctx.accountId, after);
    const undoVersion = await keepVersion(tx, ctx, before, after, write, number);
    await recordChange(tx, ctx, "mailing.restore", after.name, { id, version: number });
    return { mailing: await getMailing(tx, ctx, id), undoVersion };
  });
}
