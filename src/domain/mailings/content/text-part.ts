import type { FrozenLink, Piece } from "../frozen-content.ts";
import { type Ground, has, joinTexts, toPiece } from "./pieces.ts";
import type { TakenFields } from "./take-fields.ts";

/** A text with tokens as pieces; what every mail needs and it lacks stands at its end. (product 4.5) */
export function takeTextApart(text: string, taken: TakenFields, ground: Ground): readonly Piece[] {
  let hasAddress = false;
  let before = "";
  const pieces = taken.split(text).flatMap((part): Piece[] => {
    // A value inside an address is a part of it, and what follows the value may be one too.
    const isInAddress = /https?:\/\/[^\s<>"]*$/i.test(before);
    before = typeof part === "string" ? before.slice(-longestAddress) + part : `${before}x`;
    if (typeof part === "string") return splitLinks(part, taken);
    hasAddress ||= part.field === "postal_address";
    return [toPiece(ground, part, isInAddress ? "url" : "text")];
  });
  const address = hasAddress || ground.postalAddress === "" ? [] : [`\n\n${ground.postalAddress}`];
  const unsubscribe: Piece[] = has(pieces, "unsubscribe") ? [] : ["\n\nUnsubscribe: ", { kind: "unsubscribe" }];
  const preferences: Piece[] = has(pieces, "preferences") ? [] : ["\n\nPreferences: ", { kind: "preferences" }];
  return joinTexts([...pieces, ...address, ...unsubscribe, ...preferences, "\n"]);
}

/** So far back an address may have begun. */
const longestAddress = 2000;

function splitLinks(text: string, taken: TakenFields): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(taken.linkTokens())) {
    pieces.push(text.slice(from, match.index), { kind: "link", link: Number(match[1]) });
    from = match.index + match[0].length;
  }
  return [...pieces, text.slice(from)];
}

/** An author's own text with a token for each address in it, and the links that are new. */
export function markLinks(
  text: string,
  links: readonly FrozenLink[],
  taken: TakenFields,
): { readonly marked: string; readonly links: readonly FrozenLink[] } {
  const all = [...links];
  const marked = text.replace(/https?:\/\/[^\s<>"'()[\]{}]+[^\s<>"'()[\]{}.,;:!?]/gi, (address) => {
    if (taken.hasToken(address) || !URL.canParse(address) || all.length >= 2000) return address;
    const url = new URL(address).href;
    const known = all.findIndex((link) => link.url === url);
    if (known < 0) all.push({ url, label: "In the text part" });
    return taken.linkToken(known < 0 ? all.length - 1 : known);
  });
  return { marked, links: all };
}
