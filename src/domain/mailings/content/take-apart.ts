import type { FrozenLink, Piece } from "../frozen-content.ts";
import { escapeMarkup } from "./escape.rules.ts";
import { blocking, type Finding } from "./finding.ts";
import { type Ground, has, joinTexts, toLines, toPiece } from "./pieces.ts";
import { schemeOf } from "./refuse-html.ts";
import type { Attribute, HtmlPart } from "./scan-html.ts";
import type { TakenFields } from "./take-fields.ts";

/** HTML taken apart. */
export interface Apart {
  readonly pieces: readonly Piece[];
  readonly links: readonly FrozenLink[];
  /** The same HTML with a token in the place of each piece: what the text part is made from. */
  readonly marked: string;
  readonly findings: readonly Finding[];
}

/** More than any reader follows; a place has 16 bits. */
const mostLinks = 1000;
const hidden =
  "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all";
const footerStyle =
  "font-family:Arial,sans-serif;font-size:12px;line-height:1.5;color:#5b6670;text-align:center;padding:16px 24px";

interface Segment {
  readonly marked: string;
  readonly pieces: readonly Piece[];
}

/**
 * Takes a mail's HTML apart: fields into pieces that are escaped for their place, links into pieces that are tracked.
 * What every mail needs and this one lacks is added: the unsubscribe link, the postal address. (product 4.5)
 * @param preheader with tokens for its fields
 */
export function takeApart(
  html: string,
  parts: readonly HtmlPart[],
  taken: TakenFields,
  ground: Ground,
  preheader: string,
): Apart {
  return new Walk(html, taken, ground).walk(parts, preheader);
}

class Walk {
  readonly #html: string;
  readonly #taken: TakenFields;
  readonly #ground: Ground;
  readonly #segments: Segment[] = [];
  readonly #links: { url: string; label: string }[] = [];
  readonly #findings: Finding[] = [];
  #at = 0;
  /** Before what closes the body. */
  #endAt: number | null = null;
  #hasAddress = false;
  /** The link that is open, and what it says so far. */
  #open: { readonly place: number | null; label: string } | null = null;

  constructor(html: string, taken: TakenFields, ground: Ground) {
    this.#html = html;
    this.#taken = taken;
    this.#ground = ground;
  }

  walk(parts: readonly HtmlPart[], preheader: string): Apart {
    const body = parts.findIndex((part) => part.kind === "open" && part.name === "body");
    if (body < 0) this.#addPreheader(preheader);
    for (const [index, part] of parts.entries()) {
      this.#take(part);
      if (index === body) {
        this.#flush(part.end);
        this.#addPreheader(preheader);
      }
    }
    this.#flush(this.#html.length);
    this.#addEnd();
    return {
      pieces: joinTexts(this.#segments.flatMap(({ pieces }) => pieces)),
      links: this.#links.map(({ url, label }) => ({ url, label: label.replace(/\s+/g, " ").trim().slice(0, 200) })),
      marked: this.#segments.map(({ marked }) => marked).join(""),
      findings: this.#findings,
    };
  }

  #take(part: HtmlPart): void {
    switch (part.kind) {
      case "text": {
        this.#takeText(part);
        return;
      }
      case "open":
        if (part.name === "a") this.#open = { place: null, label: "" };
        for (const attribute of part.attributes) this.#takeAttribute(part.name, attribute);
        if (this.#taken.hasToken(part.name)) this.#misplace(part.start, part.end, "the name of a tag");
        return;
      case "close":
        if (part.name === "a") this.#closeLink();
        if (part.name === "body") {
          this.#flush(part.start);
          this.#endAt = this.#segments.length;
        }
        return;
      default:
        this.#misplace(part.start, part.end, "a comment");
    }
  }

  #takeText({ start, end, inside }: Extract<HtmlPart, { kind: "text" }>): void {
    const text = this.#html.slice(start, end);
    if (this.#open) this.#open.label += decode(this.#taken.hasToken(text) ? this.#taken.restore(text) : text);
    if (!this.#taken.hasToken(text)) return;
    if (inside !== null && inside !== "title") {
      this.#misplace(start, end, `<${inside}>`);
      return;
    }
    this.#replaceTokens(start, end, "html");
  }

  #takeAttribute(tag: string, attribute: Attribute): void {
    const { name, value, start, end } = attribute;
    if (this.#taken.hasToken(name)) {
      this.#misplace(attribute.nameStart, end, "the name of an attribute");
      return;
    }
    if (name === "href" && (tag === "a" || tag === "area")) {
      this.#takeLink(tag, attribute);
      return;
    }
    if (tag === "img" && name === "alt" && this.#open && this.#open.label.trim() === "")
      this.#open.label += this.#taken.hasToken(value) ? this.#taken.restore(value) : value;
    if (!this.#taken.hasToken(value)) return;
    if (["alt", "title", "aria-label"].includes(name)) {
      this.#quoted(attribute, () => this.#replaceTokens(start, end, "attribute"));
      return;
    }
    if (name === "src" && this.#isPartOfAddress(value)) {
      this.#quoted(attribute, () => this.#replaceTokens(start, end, "url"));
      return;
    }
    this.#misplace(start, end, `${name} of <${tag}>`);
  }

  #takeLink(tag: string, attribute: Attribute): void {
    const { value, start, end } = attribute;
    const [only, ...more] = this.#taken.hasToken(value) ? this.#taken.split(value.trim()) : [value];
    if (only !== undefined && typeof only !== "string" && more.length === 0) {
      if (only.field === "postal_address") {
        this.#misplace(start, end, "a link");
        return;
      }
      this.#quoted(attribute, () => this.#replaceTokens(start, end, "address"));
      return;
    }
    if (this.#taken.hasToken(value)) {
      if (this.#taken.split(value).some((part) => typeof part !== "string" && isReserved(part.field))) {
        this.#misplace(start, end, "a longer address");
        return;
      }
      if (this.#isPartOfAddress(value) || /^mailto:/i.test(value.trim())) {
        this.#quoted(attribute, () => this.#replaceTokens(start, end, "url"));
        return;
      }
      const message = `The link to '${this.#taken.restore(value).slice(0, 100)}' leads to an address whose beginning is a field.`;
      this.#findings.push(blocking("body", "field_in_link", message, "Begin it with https:// and the site's name."));
      return;
    }
    const scheme = schemeOf(value);
    if (scheme === "http" || scheme === "https") {
      this.#track(tag, attribute);
      return;
    }
    if (scheme === null && !/^#./.test(value.trim())) {
      const message =
        value.trim() === "" || value.trim() === "#"
          ? "A link leads nowhere."
          : `The link to '${value.slice(0, 100)}' leads nowhere from a mail.`;
      this.#findings.push(blocking("body", "link_nowhere", message, "Write the whole address, with https://."));
    }
  }

  #track(tag: string, attribute: Attribute): void {
    const url = attribute.value.trim();
    if (!URL.canParse(url)) {
      this.#findings.push(
        blocking(
          "body",
          "link_nowhere",
          `'${url.slice(0, 100)}' is no address.`,
          "Write the whole address, with https://.",
        ),
      );
      return;
    }
    const place = this.#links.length;
    if (place >= mostLinks) {
      if (!this.#findings.some(({ code }) => code === "too_many_links"))
        this.#findings.push(blocking("body", "too_many_links", `It has more than ${mostLinks} links.`, "Use fewer."));
      return;
    }
    if (this.#isAnothersOwn(url)) {
      const message = `The link to '${url.slice(0, 100)}' is one reader's own, from another mail.`;
      const wayOut = "Write where it shall lead; for unsubscribing, {{ unsubscribe_url }}.";
      this.#findings.push(blocking("body", "link_of_another_mail", message, wayOut));
      return;
    }
    this.#links.push({ url: new URL(url).href, label: "" });
    if (tag === "a") this.#open = { place, label: "" };
    this.#quoted(attribute, () =>
      this.#replace(attribute.start, attribute.end, [
        { marked: this.#taken.linkToken(place), pieces: [{ kind: "link", link: place }] },
      ]),
    );
  }

  /** A tracked or signed address of a mail that somebody got: it would act for that one person. */
  #isAnothersOwn(url: string): boolean {
    return ["u", "p", "c", "o"].some((letter) => url.startsWith(`${this.#ground.publicUrl}/${letter}/`));
  }

  #closeLink(): void {
    const link = this.#open?.place == null ? undefined : this.#links[this.#open.place];
    if (link && this.#open) link.label = this.#open.label;
    this.#open = null;
  }

  /** Whether an address begins with what is the same for everybody, the site's name included. */
  #isPartOfAddress(value: string): boolean {
    const [first] = this.#taken.split(value.trim());
    return typeof first === "string" && /^https?:\/\/[^/?#@\s]+[/?#]/i.test(first);
  }

  /** A value without quotes gets them: what is filled in may hold spaces. */
  #quoted({ isQuoted, start, end }: Attribute, replace: () => void): void {
    if (isQuoted) {
      replace();
      return;
    }
    this.#flush(start);
    this.#segments.push({ marked: '"', pieces: ['"'] });
    replace();
    this.#flush(end);
    this.#segments.push({ marked: '"', pieces: ['"'] });
  }

  #replaceTokens(start: number, end: number, place: "html" | "attribute" | "url" | "address"): void {
    const text = this.#html.slice(start, end);
    const segments: Segment[] = [];
    let from = 0;
    for (const match of text.matchAll(this.#taken.tokens())) {
      const between = text.slice(from, match.index);
      const expression = this.#taken.expressionOf(match[0]);
      if (expression.field === "postal_address") this.#hasAddress = true;
      segments.push({ marked: between, pieces: [between] });
      segments.push({ marked: match[0], pieces: [toPiece(this.#ground, expression, place)] });
      from = match.index + match[0].length;
    }
    segments.push({ marked: text.slice(from), pieces: [text.slice(from)] });
    this.#replace(start, end, segments);
  }

  #replace(start: number, end: number, segments: readonly Segment[]): void {
    this.#flush(start);
    this.#segments.push(...segments);
    this.#at = end;
  }

  #flush(to: number): void {
    const text = this.#html.slice(this.#at, to);
    if (text !== "") this.#segments.push({ marked: text, pieces: [text] });
    this.#at = Math.max(this.#at, to);
  }

  #addPreheader(preheader: string): void {
    if (preheader.trim() === "") return;
    const pieces = this.#taken
      .split(preheader)
      .map((part) => (typeof part === "string" ? escapeMarkup(part) : toPiece(this.#ground, part, "html")));
    // Filled up, so that no program shows the body's first words behind it.
    const filler = "&#847;&zwnj;&nbsp;".repeat(60);
    this.#segments.push({ marked: "", pieces: [`<div style="${hidden}">`, ...pieces, `${filler}</div>`] });
  }

  /** At the body's end: what every mail needs, and the pixel, which is nothing where opens aren't tracked. */
  #addEnd(): void {
    const { postalAddress } = this.#ground;
    const pieces = this.#segments.flatMap((segment) => segment.pieces);
    const address =
      this.#hasAddress || postalAddress === "" ? [] : [`<p style="margin:0 0 8px">${toLines(postalAddress)}</p>`];
    const unsubscribe: Piece[] = has(pieces, "unsubscribe")
      ? []
      : ['<p style="margin:0"><a href="', { kind: "unsubscribe" }, '" style="color:#5b6670">Unsubscribe</a></p>'];
    const preferences: Piece[] = has(pieces, "preferences")
      ? []
      : ['<p style="margin:0"><a href="', { kind: "preferences" }, '" style="color:#5b6670">Preferences</a></p>'];
    const lines = [...address, ...unsubscribe, ...preferences];
    const added: Piece[] = lines.length > 0 ? [`<div style="${footerStyle}">`, ...lines, "</div>"] : [];
    this.#segments.splice(this.#endAt ?? this.#segments.length, 0, {
      marked: "",
      pieces: [...added, { kind: "pixel" }],
    });
  }

  #misplace(start: number, end: number, what: string): void {
    const text = this.#html.slice(start, end);
    for (const [token] of text.matchAll(this.#taken.tokens())) {
      const { field } = this.#taken.expressionOf(token);
      this.#findings.push(
        blocking(
          "body",
          "field_out_of_place",
          `{{ ${field} }} stands in ${what}, where no value can stand.`,
          "Put it into a text, a link or an image's description.",
        ),
      );
    }
  }
}

const isReserved = (field: string) =>
  ["unsubscribe_url", "preferences_url", "ams_preferences_url", "postal_address"].includes(field);

/** What somebody reads of a link's text, for reports. */
function decode(text: string): string {
  return text
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&apos;/g, "'")
    .replace(/&amp;/g, "&");
}
