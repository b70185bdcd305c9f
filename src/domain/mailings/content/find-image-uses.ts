import type { Tx } from "../../../platform/database/database.ts";
import { NotFoundError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import type { ImageId } from "./image.ts";
import { type ImageUse, selectImages, selectImageUses } from "./images-store.ts";

/** Mailings and templates that show a picture as they are saved now, by name. @throws NotFoundError for no such picture */
export function findImageUses(ctx: AccountContext, id: ImageId): Promise<readonly ImageUse[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const [image] = await selectImages(tx, ctx.accountId, [id]);
    if (!image || image.deletedAt !== null) throw new NotFoundError("image", id);
    return selectImageUses(tx, ctx.accountId, id);
  });
}

const mostNamed = 5;

/** Where it is used, for a message: "'Gala', the template 'Monthly' and 3 others". Null where it isn't. */
export async function describeImageUses(tx: Tx, ctx: AccountContext, id: ImageId): Promise<string | null> {
  const uses = await selectImageUses(tx, ctx.accountId, id);
  if (uses.length === 0) return null;
  const names = uses.slice(0, mostNamed).map(({ name, isTemplate }) => `${isTemplate ? "the template " : ""}'${name}'`);
  const others = uses.length - names.length;
  return new Intl.ListFormat("en-GB").format(others > 0 ? [...names, `${others} more`] : names);
}
