import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { newReadableSecret } from "../../../platform/secrets.ts";
import type { AccountContext } from "../../context.ts";
import type { SealedKey } from "./store.ts";

const generate = promisify(generateKeyPair);

/** 2,048 bits: more doesn't fit one string of a TXT record at many providers, less is refused by receivers. (RFC 8301) */
const bits = 2048;

/** A new key under a selector that no other installation or account uses at the same domain. The private half is sealed at once. */
export async function makeKey(ctx: AccountContext): Promise<SealedKey> {
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: bits });
  return {
    selector: `lockstep-${newReadableSecret().slice(0, 4)}`,
    publicKey: toBase64(publicKey),
    privateKeySealed: ctx.secrets.seal(String(privateKey.export({ type: "pkcs8", format: "pem" })), ctx.accountId),
  };
}

function toBase64(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}
