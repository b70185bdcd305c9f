import type { Tx } from "../../../platform/database/database.ts";
import { InvalidInputError, must } from "../../../platform/errors.ts";
import { selectAccount } from "../../accounts/store.ts";
import type { AccountContext } from "../../context.ts";
import type { FrozenContent } from "../frozen-content.ts";
import { type Compiled, compileContent, type Written } from "./compile-content.ts";
import type { Finding } from "./finding.ts";
import { selectKnownFields } from "./known-fields.ts";

/** What is written, compiled for this account. */
export async function compileFor(tx: Tx, ctx: AccountContext, written: Written): Promise<Compiled> {
  const { postalAddress } = must(await selectAccount(tx, ctx.accountId), "whoever is in an account finds it");
  const known = await selectKnownFields(tx, ctx);
  return compileContent(written, { known, postalAddress }, imageUrlOf(ctx));
}

/** Where this installation serves images. */
export const imageUrlOf = (ctx: Pick<AccountContext, "publicUrl">) => (id: string) =>
  `${ctx.publicUrl}/images/${id}/image`;

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
