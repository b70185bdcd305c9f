import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import { signingNamesFor } from "./domain-name.rules.ts";
import { selectDomainOf } from "./store.ts";

/** What DKIM signs with: `d=`, `s=` and the private half. */
export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  /** RSA, 2048 bits. */
  readonly privateKey: KeyObject;
}

/**
 * The key that signs mails from this address, or null where the account has none for its domain. The signature is the
 * sender's own as DMARC sees it: its domain is the address's, or a parent of it. (product 4.5, RFC 6376)
 */
export async function findSigningKey(tx: Tx, ctx: AccountContext, fromAddress: string): Promise<SigningKey | null> {
  const found = await selectDomainOf(tx, ctx.accountId, signingNamesFor(fromAddress));
  if (!found) return null;
  const privateKey = createPrivateKey(ctx.secrets.open(found.privateKeySealed, ctx.accountId));
  return { domain: found.name, selector: found.key.selector, privateKey };
}
