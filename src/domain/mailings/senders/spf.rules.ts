/** A term of an SPF record that makes receivers look something up. (RFC 7208 4.6.4) */
export interface SpfLookup {
  readonly kind: "include" | "redirect" | "a" | "mx" | "ptr" | "exists";
  /** The name that is asked; null where it depends on the mail that is looked at (macros, `ptr`). */
  readonly name: string | null;
}

export interface SpfTerms {
  readonly lookups: readonly SpfLookup[];
  /** A term that receivers can't read, which makes them drop the whole record; null where there is none. */
  readonly unreadable: string | null;
}

/** Look-ups that receivers make for one record, with all that it includes, before they give up. (RFC 7208 4.6.4) */
export const mostLookups = 10;
/** Of these, look-ups that may find nothing. */
export const mostVoids = 2;

export const isSpf = (text: string) => /^v=spf1( |$)/i.test(text.trim());

/**
 * What an SPF record lets receivers look up, in its order. Nothing behind `all` is looked at, and no redirect beside it.
 * @param domain whose record it is: terms without a name ask it
 */
export function readSpf(text: string, domain: string): SpfTerms {
  const lookups: SpfLookup[] = [];
  let redirect: SpfLookup | null = null;
  for (const term of text.trim().split(/\s+/).slice(1)) {
    const modifier = /^([a-z][\w.-]*)=(.*)$/i.exec(term);
    if (modifier) {
      if (modifier[1]?.toLowerCase() === "redirect") redirect = { kind: "redirect", name: nameIn(modifier[2] ?? "") };
      continue;
    }
    const [, mechanism = "", rest = ""] = /^[+?~-]?([a-z0-9]+)(.*)$/i.exec(term) ?? [];
    const kind = mechanism.toLowerCase();
    if (kind === "all" && rest === "") return { lookups, unreadable: null };
    if (/^ip[46]$/.test(kind) && /^:[\da-f.:]+(\/\d+)?$/i.test(rest)) continue;
    const lookup = readLookup(kind, rest, domain);
    if (lookup === null) return { lookups, unreadable: term };
    lookups.push(lookup);
  }
  return { lookups: redirect ? [...lookups, redirect] : lookups, unreadable: null };
}

function readLookup(kind: string, rest: string, domain: string): SpfLookup | null {
  if (kind === "ptr") return /^(:.+)?$/.test(rest) ? { kind, name: null } : null;
  if (kind === "include" || kind === "exists") return /^:.+$/.test(rest) ? { kind, name: nameIn(rest.slice(1)) } : null;
  if (kind !== "a" && kind !== "mx") return null;
  const found = /^(?::([^/]+))?(?:\/\d+)?(?:\/\/\d+)?$/.exec(rest);
  return found && { kind, name: nameIn(found[1] ?? domain) };
}

/** Macros stand for the mail's sender and its server. */
const nameIn = (text: string) => (text.includes("%") ? null : text.replace(/\.$/, "").toLowerCase());
