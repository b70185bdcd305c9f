import { NotFoundError } from "../../../platform/errors.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import type { ImageId } from "./image.ts";
import { updateImageDeleted } from "./images-store.ts";

/**
 * Takes a picture off the account's list. Its address goes on answering: mails that were sent can't be changed, and
 * show it as long as somebody opens them.
 * @throws NotFoundError when the account has no such picture, or it is deleted already
 */
export function deleteImage(ctx: AccountContext, id: ImageId): Promise<void> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const deleted = await updateImageDeleted(tx, ctx.accountId, id, ctx.clock.now());
    if (!deleted) throw new NotFoundError("image", id);
    await recordChange(tx, ctx, "image.delete", deleted.fileName, { id });
  });
}
