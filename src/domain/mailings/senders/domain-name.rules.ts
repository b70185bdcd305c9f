import { domainToASCII } from "node:url";

const form = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[^.]*[a-z])[a-z0-9-]{2,63}$/;

/** A domain as DNS and addresses compare it: IDNA form, lower case; null when the text is none. (RFC 5890) */
export function domainNameOf(text: string): string | null {
  // What reads URLs would leave these and what follows them out.
  if (/[\s/\\?#@:%]/.test(text.trim())) return null;
  const name = domainToASCII(text.trim().toLowerCase().replace(/\.$/, ""));
  return form.test(name) ? name : null;
}

/**
 * The domains whose signature counts as the sender's: the address's own and its parents, the longest first. Top-level
 * domains sign for nobody. (RFC 7489 3.1.1, relaxed alignment)
 */
export function signingNamesFor(fromAddress: string): readonly string[] {
  const name = domainNameOf(fromAddress.slice(fromAddress.lastIndexOf("@") + 1));
  if (name === null) return [];
  const labels = name.split(".");
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
}
