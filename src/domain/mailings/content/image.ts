import type { AccountId } from "../../accounts/account.ts";
import type { Context } from "../../context.ts";
import type { ImageType } from "./image-type.rules.ts";

export type ImageId = string & { readonly __brand: "ImageId" };

/** A picture for mailings. What it shows never changes: another one is another picture. */
export interface Image {
  readonly id: ImageId;
  readonly fileName: string;
  readonly mediaType: ImageType;
  readonly bytes: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly createdAt: Temporal.Instant;
  readonly createdBy: string;
  /** Since when it is on no list any longer. Mails that show it go on doing so. */
  readonly deletedAt: Temporal.Instant | null;
}

/** What is said to whoever has a picture's address. */
export interface ServedImage extends Pick<Image, "id" | "fileName" | "mediaType"> {
  readonly accountId: AccountId;
}

/** Where mail programs find it, for ever. */
export function imageUrl(
  { publicUrl }: Pick<Context, "publicUrl">,
  { id, fileName }: Pick<Image, "id" | "fileName">,
): string {
  return `${publicUrl}/images/${id}/${encodeURIComponent(fileName)}`;
}
