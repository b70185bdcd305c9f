import type { Tx } from "../../../platform/database/database.ts";
import { InvalidInputError, must } from "../../../platform/errors.ts";
import { isId } from "../../../platform/ids.ts";
import { selectAccount } from "../../accounts/store.ts";
import type { AccountContext } from "../../context.ts";
import type { FrozenContent } from "../frozen-content.ts";
import { type Compiled, compileContent, type Written } from "./compile-content.ts";
import type { Finding } from "./finding.ts";
import { type ImageId, imageUrl } from "./image.ts";
import { selectImages } from "./images-store.ts";
import { selectKnownFields } from "./known-fields.ts";
import type { ImageUrl } from "./write-mjml.ts";

/** What is written, compiled for this account. */
export async function compileFor(tx: Tx, ctx: AccountContext, written: Written): Promise<Compiled> {
  const { postalAddress, locale: language } = must(
    await selectAccount(tx, ctx.accountId),
    "whoever is in an account finds it",
  );
  const known = await selectKnownFields(tx, ctx);
  const ground = { known, postalAddress, language, publicUrl: ctx.publicUrl };
  return compileContent(written, ground, await findImageUrls(tx, ctx, written));
}

/** Where the account's own pictures are served that a body shows; null for one that there isn't. */
export async function findImageUrls(tx: Tx, ctx: AccountContext, { body }: Pick<Written, "body">): Promise<ImageUrl> {
  const ids = [...body.matchAll(/"imageId":\s*"([0-9a-f-]{36})"/gi)].map(([, id = ""]) => id);
  const images = await selectImages(tx, ctx.accountId, ids.filter(isId) as ImageId[]);
  const urls = new Map<string, string>(images.map((image) => [image.id, imageUrl(ctx, image)]));
  return (id) => urls.get(id) ?? null;
}

/** @throws InvalidInputError when something blocks */
export function refuseBlocked(findings: readonly Finding[]): void {
  const blocks = findings.filter(({ severity }) => severity === "blocks");
  if (blocks.length === 0) return;
  throw new InvalidInputError(
    blocks.map(({ path, message, wayOut }) => ({ path, message: `${message} ${wayOut}`.trim() })),
  );
}

/**
 * Takes a mailing apart into what is the same for everybody and what is each recipient's own.
 * @throws InvalidInputError when something in it can't be sent; its checks say the same
 */
export async function freezeContent(tx: Tx, ctx: AccountContext, written: Written): Promise<FrozenContent> {
  const { content, findings } = await compileFor(tx, ctx, written);
  refuseBlocked(findings);
  return content;
}
