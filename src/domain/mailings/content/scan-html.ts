import { QuoteType, Tokenizer } from "htmlparser2";

/** What an HTML text consists of, each part with its place in it. */
export type HtmlPart =
  | {
      readonly kind: "open";
      readonly name: string;
      readonly start: number;
      readonly end: number;
      readonly attributes: readonly Attribute[];
    }
  | { readonly kind: "close"; readonly name: string; readonly start: number; readonly end: number }
  /** `inside` is the element whose text is not markup: style, script, title, textarea. */
  | { readonly kind: "text"; readonly start: number; readonly end: number; readonly inside: string | null }
  /** `unfinished` is a tag, a comment or an element of text that the end cuts off: it would swallow what follows. */
  | { readonly kind: "comment" | "cdata" | "declaration" | "unfinished"; readonly start: number; readonly end: number };

export interface Attribute {
  /** In lower case. */
  readonly name: string;
  readonly nameStart: number;
  /** Decoded. */
  readonly value: string;
  /** Of the value as it is written, without quotes. */
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

const textOnly = new Set(["style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"]);

/**
 * Takes HTML apart by the tokenizer of htmlparser2, and keeps where each part stands: what is written is never written
 * anew, since that would drop what Outlook needs. `<` and `>` of a tag are not part of its names, but of its place.
 */
export function scanHtml(html: string): readonly HtmlPart[] {
  const parts: HtmlPart[] = [];
  let open: { name: string; start: number; attributes: Attribute[] } | null = null;
  let attribute: { name: string; start: number; end: number; value: string } | null = null;
  let inside: string | null = null;
  const text = (start: number, end: number) => {
    const last = parts.at(-1);
    if (last?.kind === "text" && last.end === start) parts[parts.length - 1] = { ...last, end };
    else parts.push({ kind: "text", start, end, inside });
  };
  const finish = (end: number) => {
    if (!open) return;
    parts.push({ kind: "open", ...open, end: end + 1 });
    inside = textOnly.has(open.name) ? open.name : null;
    open = null;
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(start, end) {
        open = { name: html.slice(start, end).toLowerCase(), start: start - 1, attributes: [] };
      },
      onattribname(start, end) {
        attribute = { name: html.slice(start, end).toLowerCase(), start, end, value: "" };
      },
      onattribdata(start, end) {
        if (attribute) attribute.value += html.slice(start, end);
      },
      onattribentity(codepoint) {
        if (attribute) attribute.value += String.fromCodePoint(codepoint);
      },
      onattribend(quote, endIndex) {
        if (!attribute || !open) return;
        const isQuoted = quote === QuoteType.Double || quote === QuoteType.Single;
        const end = isQuoted ? endIndex - 1 : endIndex;
        const lead = /^\s*=\s*["']?/.exec(html.slice(attribute.end, attribute.end + 100))?.[0].length ?? 0;
        const start = quote === QuoteType.NoValue ? end : Math.min(attribute.end + lead, end);
        const { name, start: nameStart, value } = attribute;
        open.attributes.push({ name, nameStart, value, start, end, isQuoted });
        attribute = null;
      },
      onopentagend: finish,
      onselfclosingtag: finish,
      onclosetag(start, end) {
        inside = null;
        const close = html.indexOf(">", end);
        parts.push({
          kind: "close",
          name: html.slice(start, end).toLowerCase(),
          start: start - 2,
          end: close < 0 ? html.length : close + 1,
        });
      },
      ontext: text,
      ontextentity(_codepoint, end) {
        text(html.lastIndexOf("&", end - 1), end);
      },
      oncomment(start, end, offset) {
        parts.push({ kind: "comment", start, end: end - offset });
      },
      oncdata(start, end, offset) {
        parts.push({ kind: "cdata", start, end: end - offset });
      },
      ondeclaration(start, end) {
        parts.push({ kind: "declaration", start, end });
      },
      onprocessinginstruction(start, end) {
        parts.push({ kind: "declaration", start, end });
      },
      onend() {
        const last = parts.at(-1);
        const isCut = last?.kind === "comment" && last.end === html.length;
        const start = open?.start ?? (isCut || inside ? (last?.start ?? 0) : null);
        if (start !== null) parts.push({ kind: "unfinished", start, end: html.length });
      },
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return parts;
}

/** The line of a place in a text, from 1 on. */
export function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < place; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
