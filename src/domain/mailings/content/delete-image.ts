import { ConflictError, NotFoundError } from "../../../platform/errors.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { describeImageUses } from "./find-image-uses.ts";
import type { ImageId } from "./image.ts";
import { updateImageDeleted } from "./images-store.ts";

/**
 * Takes a picture off the account's list. Its address goes on answering: mails that were sent can't be changed, and
 * show it as long as somebody opens them.
 * Who puts it into a mailing in this very moment keeps it there all the same.
 * @throws NotFoundError when the account has no such picture, or it is deleted already
 * @throws ConflictError saying which mailings and templates show it
 */
export function deleteImage(ctx: AccountContext, id: ImageId): Promise<void> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const deleted = await updateImageDeleted(tx, ctx.accountId, id, ctx.clock.now());
    if (!deleted) throw new NotFoundError("image", id);
    const uses = await describeImageUses(tx, ctx, id);
    if (uses !== null) {
      const message = `'${deleted.fileName}' is shown by ${uses}.`;
      throw new ConflictError("image_in_use", message, "Take it out there first, or keep it.");
    }
    await recordChange(tx, ctx, "image.delete", deleted.fileName, { id });
  });
}
