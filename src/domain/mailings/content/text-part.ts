import { convert, type HtmlToTextOptions } from "html-to-text";
import type { FrozenLink, Piece } from "../frozen-content.ts";
import { type Ground, has, joinTexts, toPiece } from "./pieces.ts";
import { linkTokens } from "./take-apart.ts";
import type { TakenFields } from "./take-fields.ts";

const heading = { options: { uppercase: false } };
const options: HtmlToTextOptions = {
  // Lines are as long as paragraphs: mail programs wrap them, and values differ in length.
  wordwrap: false,
  selectors: [
    { selector: "img", format: "skip" },
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, linkBrackets: ["<", ">"] } },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, ...heading })),
  ],
};

/** The text part that is made from the body. @param marked HTML with tokens in the places of fields and links */
export function writeText(marked: string): string {
  return convert(marked, options)
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** A text with tokens as pieces; what every mail needs and it lacks stands at its end. (product 4.5) */
export function takeTextApart(text: string, taken: TakenFields, ground: Ground): readonly Piece[] {
  let hasAddress = false;
  const pieces = taken.split(text).flatMap((part): Piece[] => {
    if (typeof part === "string") return splitLinks(part);
    hasAddress ||= part.field === "postal_address";
    return [toPiece(ground, part, "text")];
  });
  const address = hasAddress || ground.postalAddress === "" ? [] : [`\n\n${ground.postalAddress}`];
  const unsubscribe: Piece[] = has(pieces, "unsubscribe") ? [] : ["\n\nUnsubscribe: ", { kind: "unsubscribe" }];
  return joinTexts([...pieces, ...address, ...unsubscribe, "\n"]);
}

function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(linkTokens)) {
    pieces.push(text.slice(from, match.index), { kind: "link", link: Number(match[1]) });
    from = match.index + match[0].length;
  }
  return [...pieces, text.slice(from)];
}

/** An author's own text with a token for each address in it, and the links that are new. */
export function markLinks(
  text: string,
  links: readonly FrozenLink[],
): { readonly marked: string; readonly links: readonly FrozenLink[] } {
  const all = [...links];
  const marked = text.replace(/https?:\/\/[^\s<>"'()[\]{}]+[^\s<>"'()[\]{}.,;:!?]/gi, (address) => {
    if (!URL.canParse(address) || all.length >= 2000) return address;
    const url = new URL(address).href;
    const known = all.findIndex((link) => link.url === url);
    if (known < 0) all.push({ url, label: "In the text part" });
    return `lslink${known < 0 ? all.length - 1 : known}x`;
  });
  return { marked, links: all };
}
