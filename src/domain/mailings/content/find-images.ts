import { must } from "../../../platform/errors.ts";
import { isId } from "../../../platform/ids.ts";
import type { AccountContext, Context } from "../../context.ts";
import type { Image, ImageId, ServedImage } from "./image.ts";
import { type ImageFilter, selectImageContent, selectImagePage, selectServedImage } from "./images-store.ts";

/** One page of the account's pictures, newest first. */
export function listImages(ctx: AccountContext, filter: ImageFilter): Promise<readonly Image[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectImagePage(tx, ctx.accountId, filter));
}

/** The picture at an address, of whatever account; a deleted one too, since mails that were sent show it. */
export async function findServedImage(ctx: Context, id: string, fileName: string): Promise<ServedImage | undefined> {
  if (!isId(id)) return undefined;
  const image = await ctx.db.system((tx) => selectServedImage(tx, id as ImageId));
  return image?.fileName === fileName ? image : undefined;
}

/** What a found picture shows. */
export async function readServedImage(ctx: Context, { accountId, id }: ServedImage): Promise<Buffer> {
  const content = await ctx.db.transaction(accountId, (tx) => selectImageContent(tx, accountId, id));
  return must(content, "pictures are deleted from lists only");
}
