import { blocking, type Finding, warning } from "./finding.ts";
import { type Attribute, type HtmlPart, lineAt, scanHtml } from "./scan-html.ts";

type Open = Extract<HtmlPart, { kind: "open" }>;

/** What no mail may hold, and why: mail programs drop it, or it acts. Refused, not taken out: nobody is surprised. */
const refusedTags: Readonly<Record<string, string>> = {
  script: "mail programs run no scripts, and take mails with one for an attack",
  iframe: "mail programs show no frames",
  frame: "mail programs show no frames",
  frameset: "mail programs show no frames",
  form: "forms don't work in mails; link to a page with the form",
  input: "forms don't work in mails; link to a page with the form",
  select: "forms don't work in mails; link to a page with the form",
  textarea: "forms don't work in mails; link to a page with the form",
  button: "buttons don't work in mails; make a link look like one",
  object: "mail programs show no embedded objects",
  embed: "mail programs show no embedded objects",
  applet: "mail programs show no embedded objects",
  base: "it would bend every link; write whole addresses",
  link: "mail programs load no style sheets; write the styles into a <style> element",
  svg: "most mail programs don't show SVG; use an image",
  math: "mail programs don't show MathML; use an image",
  template: "mail programs don't know it",
  portal: "mail programs don't know it",
  noscript: "mail programs read it in different ways",
  xmp: "mail programs read it in different ways",
  plaintext: "mail programs read it in different ways",
  listing: "mail programs read it in different ways",
  noembed: "mail programs read it in different ways",
  noframes: "mail programs read it in different ways",
};

/** Attributes whose value is an address. */
const addressAttributes = new Set([
  "href",
  "src",
  "background",
  "poster",
  "cite",
  "longdesc",
  "action",
  "formaction",
  "data",
  "xlink:href",
  "lowsrc",
  "dynsrc",
  "usemap",
]);
const mostFindings = 30;
/** Elements that nobody closes for their writer; deeper than this, mail programs and ours run out of room. */
const nesting = new Set(
  "div span table b i u s a em strong font center blockquote section article ul ol dl h1 h2 h3 h4 h5 h6".split(" "),
);
const deepest = 200;

/**
 * What may not be in a mail's HTML. (reliability 1.4 E)
 * @param where in words, for messages: "the body"
 */
export function refuseHtml(html: string, parts: readonly HtmlPart[], where: string): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (code: string, place: number, what: string, wayOut: string) => {
    if (findings.length < mostFindings)
      findings.push(blocking("body", code, `In ${where}, line ${lineAt(html, place)}: ${what}`, wayOut));
  };
  let depth = 0;
  for (const part of parts) {
    if (part.kind === "close" && nesting.has(part.name)) depth -= 1;
    if (part.kind === "open" && nesting.has(part.name)) {
      depth += 1;
      if (depth === deepest + 1)
        add("too_deep", part.start, `more than ${deepest} elements stand in each other.`, "Use fewer, or close them.");
    }
    if (part.kind === "open") refuseTag(part, add);
    if (part.kind === "cdata") add("refused_tag", part.start, "<![CDATA[ is read in different ways.", "Remove it.");
    if (part.kind === "unfinished")
      add("unfinished_html", part.start, "a tag or a comment is never finished.", "Close it.");
    if (part.kind === "text" && part.inside === "style") refuseStyle(html.slice(part.start, part.end), part.start, add);
    if (part.kind === "comment") refuseInComment(html.slice(part.start, part.end), part.start, add);
  }
  return findings;
}

type Add = (code: string, place: number, what: string, wayOut: string) => void;

function refuseTag(tag: Open, add: Add): void {
  const reason = Object.hasOwn(refusedTags, tag.name) ? refusedTags[tag.name] : undefined;
  if (reason !== undefined)
    add("refused_tag", tag.start, `<${tag.name}> can't be sent: ${reason}.`, `Remove <${tag.name}>.`);
  if (
    tag.name === "meta" &&
    tag.attributes.some(({ name, value }) => name === "http-equiv" && /refresh|set-cookie/i.test(value))
  )
    add("refused_tag", tag.start, "<meta http-equiv> would lead readers away.", "Remove it.");
  for (const attribute of tag.attributes) refuseAttribute(tag, attribute, add);
}

function refuseAttribute(tag: Open, { name, value, nameStart }: Attribute, add: Add): void {
  if (/^on/.test(name))
    add("refused_attribute", nameStart, `<${tag.name} ${name}> would run a script.`, `Remove ${name}.`);
  if (["srcdoc", "ping", "http-equiv"].includes(name) && tag.name !== "meta")
    add("refused_attribute", nameStart, `<${tag.name} ${name}> can't be sent.`, `Remove ${name}.`);
  if (name === "style") refuseStyle(value, nameStart, add);
  const addresses = addressAttributes.has(name) ? [value] : name === "srcset" ? value.split(",") : [];
  for (const address of addresses) {
    const scheme = schemeOf(address);
    if (scheme !== null && !isAllowed(scheme, address, tag.name))
      add(
        "refused_address",
        nameStart,
        `<${tag.name} ${name}> leads to '${scheme}:', which can't be sent.`,
        "Link to an https address.",
      );
    if (hasUserName(address))
      add("user_name_in_address", nameStart, `<${tag.name} ${name}> leads to ${withUserName}`, withoutUserName);
  }
}

const withUserName =
  "an address with a user name in it: everybody would read it, and programs take such mails for an attack.";
const withoutUserName = "Write the address without what stands before the @.";

/** Whether an address of the web says as whom to sign in there: `https://user:pass@host/`. */
function hasUserName(address: string): boolean {
  // As browsers read it; without a scheme it takes that of the page that shows it.
  if (!URL.canParse(address.trim(), "https://here")) return false;
  const { protocol, username, password } = new URL(address.trim(), "https://here");
  return ["http:", "https:"].includes(protocol) && (username !== "" || password !== "");
}

/** The same in a text, where addresses stand as they are. */
export function refuseText(text: string, path: Finding["path"], where: string): readonly Finding[] {
  const found = [...text.matchAll(/https?:\/\/[^\s<>"]+/gi)].find(([address]) => hasUserName(address));
  if (!found) return [];
  const message = `In ${where}, line ${lineAt(text, found.index)}: there is ${withUserName}`;
  return [blocking(path, "user_name_in_address", message, withoutUserName)];
}

/** As browsers read it: spaces and control characters before and in it don't count. */
export function schemeOf(address: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what hides a scheme
  const bare = address.replace(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028\u2029\ufeff]/g, "");
  return /^([a-z][a-z0-9+.-]*):/i.exec(bare)?.[1]?.toLowerCase() ?? null;
}

function isAllowed(scheme: string, address: string, tag: string): boolean {
  if (["http", "https", "mailto", "tel", "sms", "cid"].includes(scheme)) return true;
  return scheme === "data" && tag === "img" && /^data:image\/(png|jpe?g|gif|webp)[;,]/i.test(address.trim());
}

function refuseStyle(css: string, place: number, add: Add): void {
  // CSS may write any letter as \65, and put a comment anywhere.
  const plain = css
    .replace(/\/\*.*?(\*\/|$)/gs, "")
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex: string) => toCharacter(Number.parseInt(hex, 16)))
    .replace(/\\/g, "");
  if (/@import/i.test(plain))
    add("refused_style", place, "@import loads a style sheet from elsewhere.", "Write the styles themselves.");
  if (/expression\s*\(|-moz-binding|behavior\s*:/i.test(plain))
    add("refused_style", place, "the style would run a script.", "Remove expression, behavior and -moz-binding.");
  for (const [, address = ""] of plain.matchAll(/url\(\s*["']?([^"')]*)/gi)) {
    const scheme = schemeOf(address);
    if (scheme !== null && !isAllowed(scheme, address, "img"))
      add("refused_style", place, `the style loads '${scheme}:'.`, "Use an https address.");
    if (hasUserName(address)) add("user_name_in_address", place, `the style loads ${withUserName}`, withoutUserName);
  }
}

function toCharacter(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

/** Outlook reads what other programs take for a comment: the same is refused in it. */
function refuseInComment(comment: string, place: number, add: Add): void {
  const content = /^\s*\[if\b[^\]]*\]>(.*)<!\[endif\](--)?\s*$/is.exec(comment)?.[1];
  if (content === undefined) return;
  for (const part of scanHtml(content)) {
    if (part.kind !== "open" || part.name === "noscript") continue;
    refuseTag(part, (code, _place, what, wayOut) => add(code, place, what, wayOut));
  }
}

/** What can be sent, but better wasn't: pictures without a description, over http, in the text itself; Word's markup. */
export function adviseHtml(html: string, parts: readonly HtmlPart[]): readonly Finding[] {
  const images = parts.filter((part): part is Open => part.kind === "open" && part.name === "img");
  const attributeOf = (tag: Open, name: string) => tag.attributes.find((attribute) => attribute.name === name)?.value;
  const findings: Finding[] = [];
  const count = (code: string, found: number, one: string, many: string, wayOut: string) => {
    if (found > 0) findings.push(warning("body", code, found === 1 ? one : `${found} ${many}`, wayOut));
  };
  count(
    "image_without_alt",
    images.filter((tag) => attributeOf(tag, "alt") === undefined).length,
    "An image has no description.",
    "images have no description.",
    "Write what it shows, for those who don't see it; an empty one for mere decoration.",
  );
  const addresses = images.map((tag) => attributeOf(tag, "src") ?? "");
  count(
    "http_image",
    addresses.filter((address) => schemeOf(address) === "http").length,
    "An image is loaded by http.",
    "images are loaded by http.",
    "Use https: mail programs hide others.",
  );
  count(
    "data_image",
    addresses.filter((address) => schemeOf(address) === "data").length,
    "An image stands in the text itself.",
    "images stand in the text itself.",
    "Upload it: Gmail and Outlook don't show it.",
  );
  count(
    "word_markup",
    /<o:p\b|class="?Mso|mso-(?:style|bidi|fareast)|<w:WordDocument/i.test(html) ? 1 : 0,
    "It holds markup that Word or Outlook leaves behind.",
    "",
    "Copy the text in Word and paste it here anew, which leaves that markup out, or remove it: it makes mails large and looks different in each program.",
  );
  return findings;
}
