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
import type { Ground } from "./pieces.ts";

/**
 * What an account brings to what is written. It is read first, and compiled with when no transaction is open any more:
 * compiling may take seconds, and would hold a connection and the mailing's row.
 */
export interface Material {
  readonly ground: Ground;
  /** Where the account's own pictures are served that the body shows. */
  readonly images: ReadonlyMap<string, string>;
}

export async function findMaterial(tx: Tx, ctx: AccountContext, { body }: Pick<Written, "body">): Promise<Material> {
  const { postalAddress, locale: language } = must(
    await selectAccount(tx, ctx.accountId),
    "whoever is in an account finds it",
  );
  const known = await selectKnownFields(tx, ctx);
  const ids = [...body.matchAll(/"imageId":\s*"([0-9a-f-]{36})"/gi)].map(([, id = ""]) => id);
  const images = await selectImages(tx, ctx.accountId, ids.filter(isId) as ImageId[]);
  return {
    ground: { known, postalAddress, language, publicUrl: ctx.publicUrl },
    images: new Map(images.map((image) => [image.id, imageUrl(ctx, image)])),
  };
}

/** Whether what was compiled with the one would be compiled alike with the other. */
export function isSameMaterial(one: Material, other: Material): boolean {
  const spell = ({ ground, images }: Material) =>
    JSON.stringify([{ ...ground, known: [...ground.known] }, [...images]]);
  return spell(one) === spell(other);
}

/** What is written, compiled for this account. Call it with no transaction open. */
export function compileWith(written: Written, { ground, images }: Material): Promise<Compiled> {
  return compileContent(written, ground, (id) => images.get(id) ?? null);
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
 * What is the same for everybody and what is each recipient's own, of a mailing that can be sent.
 * @throws InvalidInputError when something in it can't be; its checks say the same
 */
export function freezeContent({ content, findings }: Compiled): FrozenContent {
  refuseBlocked(findings);
  return content;
}
