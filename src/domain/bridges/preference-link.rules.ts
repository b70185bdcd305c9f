/** Stands in the address for the customer key of the person who gets the mail. */
const placeholder = "{customer_key}";
const longest = 2000;

/**
 * What is wrong with the address of the AMS's preference page, or null. It is https, names its site itself, and holds
 * the customer key behind the site's name; empty is none at all.
 */
export function preferenceLinkMistake(template: string): string | null {
  if (template === "") return null;
  if (template.length > longest) return `has at most ${longest} characters`;
  if (!/^https:\/\/[^/?#@\s{}]+([/?#]|$)/i.test(template)) return "begins with https:// and the site's name";
  const parts = template.split(placeholder);
  if (parts.length !== 2) return `holds ${placeholder} once: the person's key stands there`;
  if (parts.some((part) => /[{}\s<>"'\\]/.test(part) || !part.isWellFormed()))
    return `has no spaces, quotes or braces but those of ${placeholder}`;
  return URL.canParse(fillPreferenceLink(template, "key")) ? null : "is no address";
}

/** One person's address: the key is a part of it, never more. */
export function fillPreferenceLink(template: string, customerKey: string): string {
  return template.split(placeholder).join(encodeURIComponent(customerKey.toWellFormed()));
}
