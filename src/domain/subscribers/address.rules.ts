import { domainToASCII } from "node:url";

const nine = "9".charCodeAt(0);

/** Form of an address without quotes or comments, ASCII only: nearly every address ends here. */
const plainForm =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
/** The same local part with the letters of other scripts allowed (RFC 6531), but no control or space. */
const localForm = /^[^\s\p{C}"(),:;<>@[\\\]]+$/u;
const domainForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** Bounds of RFC 5321 4.5.3.1, in bytes. */
const longestLabel = 63;
const longestLocal = 64;
const longestDomain = 253;
const longestAddress = 254;

/**
 * The form in which addresses are compared: lower case, the domain in IDNA form; null when the text is no address.
 * Spaces around it don't count. A quoted local part and an address literal are refused: nobody mails to them, and
 * each relay reads them differently. (product 2.1, RFC 5321, RFC 6531)
 */
export function addressKey(text: string): string | null {
  const lower = text.trim().toLowerCase();
  if (lower.length <= longestAddress && plainForm.test(lower))
    return isPlainAndShort(lower) || fits(lower) ? lower : null;
  const at = lower.lastIndexOf("@");
  if (at < 1) return null;
  const local = lower.slice(0, at).normalize("NFC");
  if (!localForm.test(local) || local.startsWith(".") || local.endsWith(".") || local.includes("..")) return null;
  const domain = domainToASCII(lower.slice(at + 1));
  if (!domainForm.test(domain)) return null;
  const key = `${local}@${domain}`;
  return fits(key) ? key : null;
}

/** In so few characters of ASCII nothing is too long, and a last label that ends in a letter is no number. */
function isPlainAndShort(key: string): boolean {
  return key.length <= longestLabel && key.charCodeAt(key.length - 1) > nine;
}

function fits(key: string): boolean {
  const at = key.lastIndexOf("@");
  const isLastLabelNumeric = /\.[0-9]+$/.test(key);
  return (
    Buffer.byteLength(key.slice(0, at)) <= longestLocal &&
    key.length - at - 1 <= longestDomain &&
    Buffer.byteLength(key) <= longestAddress &&
    !isLastLabelNumeric &&
    !/[^.]{64}/.test(key.slice(at + 1))
  );
}
