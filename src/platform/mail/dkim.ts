import { createHash, type KeyObject } from "node:crypto";
import sign from "nodemailer/lib/dkim/sign.js";
import { must } from "../errors.ts";

/** What a domain signs with: its public half stands in DNS at `<selector>._domainkey.<domain>`. */
export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  /** RSA. A key object, not PEM: to read it anew for each message costs more than to sign. */
  readonly privateKey: KeyObject;
}

/** RFC 8058 wants both List-Unsubscribe fields signed; the library's own list has one of them. */
const signedFields =
  "From:Reply-To:Subject:Date:Message-ID:To:MIME-Version:Content-Type:List-Unsubscribe:List-Unsubscribe-Post";

/**
 * Whole lines of a body as DKIM reads them: no space at a line's end, one where several are. A body's form is that of
 * its pieces, one after the other, as long as it doesn't end in empty lines. (RFC 6376, 3.4.4)
 */
export function relax(lines: string): string {
  return /[ \t][ \t\r]|\t/.test(lines) ? lines.replace(/[ \t]+/g, " ").replaceAll(" \r\n", "\r\n") : lines;
}

/**
 * Signs a message (relaxed/relaxed, rsa-sha256).
 * @param headers each folded, without its last line end
 * @param relaxedBody the body as `relax` makes it
 * @returns the DKIM-Signature field, of the same form
 */
export function signMessage(key: SigningKey, headers: readonly string[], relaxedBody: Buffer): string {
  const bodyHash = createHash("sha256").update(relaxedBody).digest("base64");
  const fields = headers.map((line) => ({ key: line.slice(0, line.indexOf(":")).toLowerCase(), line: asBytes(line) }));
  const signature = sign(fields, "sha256", bodyHash, {
    domainName: key.domain,
    keySelector: key.selector,
    privateKey: key.privateKey,
    headerFieldNames: signedFields,
  });
  return must(signature || null, "the key can sign");
}

/** One character for each byte, as the signer reads them. */
function asBytes(line: string): string {
  return /[^\p{ASCII}]/u.test(line) ? Buffer.from(line).toString("latin1") : line;
}
