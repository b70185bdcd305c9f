import { InvalidInputError, must } from "../../../platform/errors.ts";
import { newId } from "../../../platform/ids.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import type { Image, ImageId } from "./image.ts";
import { mostImageBytes, nameImage, readImage } from "./image-type.rules.ts";
import { insertImage, selectImages } from "./images-store.ts";

/**
 * Receives a picture for mailings: PNG, JPEG, GIF or WebP, of at most 5 MB and 8,000 pixels a side. (reliability 1.3, 15)
 * @throws InvalidInputError saying what it is instead; nothing is kept then
 */
export async function receiveImage(
  ctx: AccountContext,
  fileName: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Image> {
  const content = await takeBytes(bytes);
  const reading = readImage(content);
  if ("problem" in reading) throw new InvalidInputError([{ path: "file", message: reading.problem }]);
  const { accountId, actor } = ctx;
  const id = newId<ImageId>();
  const name = nameImage(fileName, reading.mediaType);
  return ctx.db.transaction(accountId, async (tx) => {
    const image = { ...reading, id, fileName: name, createdAt: ctx.clock.now(), createdBy: actor };
    await insertImage(tx, accountId, image, content);
    await recordChange(tx, ctx, "image.receive", name, { id, bytes: content.length });
    const [kept] = await selectImages(tx, accountId, [id]);
    return must(kept, "it was just written");
  });
}

/** Who sends too much is listened to for a while, so that they hear why it is refused. */
const mostBytesHeard = 64 * 1024 ** 2;

/** The bytes as one; of too many, no more than show that they are. */
async function takeBytes(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of bytes) {
    if (total <= mostImageBytes) parts.push(part);
    total += part.byteLength;
    if (total > mostBytesHeard) break;
  }
  return Buffer.concat(parts);
}
