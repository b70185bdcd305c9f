import { InvalidInputError } from "../../../platform/errors.ts";
import type { FrozenContent, FrozenLink, Piece } from "../frozen-content.ts";
import type { Mailing } from "../mailing.ts";
import { type Block, type BlockDocument, type PlainBlock, readBlocks } from "./blocks.ts";
import { compileMjml, writeText } from "./compile-mjml.ts";
import { escapeMarkup } from "./escape.rules.ts";
import { blocking, type Finding } from "./finding.ts";
import { fieldsOf, type Ground, joinTexts, toPiece } from "./pieces.ts";
import { adviseHtml, refuseHtml, refuseText } from "./refuse-html.ts";
import { refuseMjml } from "./refuse-mjml.ts";
import { scanHtml } from "./scan-html.ts";
import { takeApart } from "./take-apart.ts";
import { TakenFields } from "./take-fields.ts";
import { markLinks, takeTextApart } from "./text-part.ts";
import { type ImageUrl, writeMjml } from "./write-mjml.ts";

/** What is written, as far as it goes into the mail. */
export type Written = Pick<
  Mailing,
  "fromName" | "fromAddress" | "replyTo" | "subject" | "preheader" | "bodyKind" | "body" | "textPart"
>;

export interface Compiled {
  readonly content: FrozenContent;
  readonly findings: readonly Finding[];
}

const richTags = new Set("p br strong b em i u s a ul ol li span".split(" "));

/**
 * Compiles what is written once for everybody: texts with fields into pieces, blocks or MJML into HTML that mail
 * programs show alike. What is wrong with it is told in findings; what can be made of it is made all the same, so that
 * a preview can be shown. (product 4.1)
 */
export async function compileContent(written: Written, ground: Ground, imageUrl: ImageUrl): Promise<Compiled> {
  const { subject, preheader, body, textPart } = written;
  const taken = new TakenFields(ground.known, [subject, preheader, body, textPart ?? ""]);
  const findings: Finding[] = [];
  const title = taken.take(subject, { path: "subject", name: "the subject" }, { isMarkup: false });
  const before = taken.take(preheader, { path: "preheader", name: "the preheader" }, { isMarkup: false });
  const { html: part } = await writeHtml(written, taken, imageUrl, findings);
  const partsOfIt = scanHtml(part);
  // Before it is made a whole page: what is cut off in it would find its end there.
  findings.push(...refuseHtml(part, partsOfIt, "the body"), ...adviseHtml(part, partsOfIt));
  if (textPart !== null) findings.push(...refuseText(textPart, "textPart", "the text part"));
  const html = wrap(part, ground.language);
  const parts = html === part ? partsOfIt : scanHtml(html);
  const apart = takeApart(html, parts, taken, ground, before);
  findings.push(...apart.findings);
  // Nobody gets it as it stands, and reading it would take as long as it is deep.
  const isTooDeep = findings.some(({ code }) => code === "too_deep");
  const text = await textOf(textPart, taken, isTooDeep ? "" : apart.marked, apart.links);
  const pieces = {
    subject: joinTexts(
      taken.split(title).map((part) => (typeof part === "string" ? part : toPiece(ground, part, "subject"))),
    ),
    html: apart.pieces,
    text: takeTextApart(text.marked, taken, ground),
  };
  findings.push(...taken.findings, ...taken.findUnused());
  const { fromName, fromAddress, replyTo } = written;
  const fields = fieldsOf([...pieces.subject, ...pieces.html, ...pieces.text] as Piece[]);
  return { content: { fromName, fromAddress, replyTo, ...pieces, links: text.links, fields }, findings };
}

/** What is pasted may be a part of a page: a mail is a whole one, in a language that screen readers know. */
function wrap(html: string, language: string): string {
  if (html === "" || /<(html|body)[\s>]/i.test(html)) return html;
  const head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">';
  return `<!doctype html><html lang="${escapeMarkup(language)}"><head>${head}</head><body>${html}</body></html>`;
}

async function textOf(
  textPart: string | null,
  taken: TakenFields,
  marked: string,
  links: readonly FrozenLink[],
): Promise<{ readonly marked: string; readonly links: readonly FrozenLink[] }> {
  if (textPart === null) return { marked: await writeText(marked), links };
  const where = { path: "textPart", name: "the text part", hasLines: true } as const;
  return markLinks(taken.take(textPart, where, { isMarkup: false }), links, taken);
}

/** What the mail's HTML is made from: MJML where there is any, and the HTML, with tokens in the places of fields. */
export async function writeHtml(
  { bodyKind, body }: Pick<Written, "bodyKind" | "body">,
  taken: TakenFields,
  imageUrl: ImageUrl,
  findings: Finding[],
): Promise<{ readonly mjml: string | null; readonly html: string }> {
  switch (bodyKind) {
    case "html": {
      const html = taken.take(body, { path: "body", name: "the HTML", hasLines: true }, { isMarkup: true });
      return { mjml: null, html };
    }
    case "mjml": {
      const mjml = taken.take(body, { path: "body", name: "the MJML", hasLines: true }, { isMarkup: true });
      const refused = refuseMjml(mjml);
      findings.push(...refused);
      return { mjml, html: refused.length > 0 ? "" : await compile(mjml, findings) };
    }
    case "blocks": {
      const blocks = readOrTell(body, findings);
      if (!blocks) return { mjml: null, html: "" };
      const shown = takeBlocks(blocks, taken, findings);
      findUnfinished(shown, imageUrl, findings);
      const mjml = writeMjml(shown, imageUrl);
      return { mjml, html: await compile(mjml, findings) };
    }
  }
}

async function compile(mjml: string, findings: Finding[]): Promise<string> {
  const compiled = await compileMjml(mjml);
  if ("failure" in compiled) {
    findings.push(
      blocking(
        "body",
        "mjml_unreadable",
        `The MJML can't be read: ${compiled.failure}`,
        "Look for a tag that is never closed.",
      ),
    );
    return "";
  }
  for (const { line, tag, message } of compiled.mistakes.slice(0, 20))
    findings.push(
      blocking(
        "body",
        "mjml_mistake",
        `MJML, line ${line}, <${tag}>: ${message}.`,
        "Change it as MJML's documentation says.",
      ),
    );
  return compiled.html;
}

function readOrTell(body: string, findings: Finding[]): BlockDocument | null {
  try {
    return readBlocks(body);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    findings.push(
      blocking("body", "blocks_unreadable", `The blocks can't be read: ${error.message}.`, "Load the page again."),
    );
    return null;
  }
}

/** The blocks with tokens in the places of their fields, each text looked at. */
function takeBlocks(document: BlockDocument, taken: TakenFields, findings: Finding[]): BlockDocument {
  let place = 0;
  const take = <B extends Block>(block: B): B => {
    if (block.kind === "columns") return { ...block, columns: block.columns.map((column) => column.map(take)) };
    place += 1;
    return takeBlock(block, `block ${place} (${block.kind})`, taken, findings) as B;
  };
  return { ...document, blocks: document.blocks.map(take) };
}

function takeBlock(block: PlainBlock, name: string, taken: TakenFields, findings: Finding[]): PlainBlock {
  const where = { path: "body", name } as const;
  const plain = (text: string) => taken.take(text, where, { isMarkup: false });
  switch (block.kind) {
    case "heading":
    case "text":
    case "footer":
      return { ...block, html: takeRich(taken.take(block.html, where, { isMarkup: true }), name, findings) };
    case "button":
      return { ...block, label: plain(block.label), href: plain(block.href) };
    case "image":
      return { ...block, alt: plain(block.alt), href: plain(block.href) };
    default:
      return block;
  }
}

/** Blocks that are there and not finished: MJML would leave out their link, and nobody would see it. */
function findUnfinished({ blocks }: BlockDocument, imageUrl: ImageUrl, findings: Finding[]): void {
  const all = blocks.flatMap((block) => (block.kind === "columns" ? block.columns.flat() : [block]));
  const tell = (code: string, message: string, wayOut: string) =>
    findings.push(blocking("body", code, message, wayOut));
  const isGone = (id: string | null) => id !== null && imageUrl(id) === null;
  if (all.some((block) => block.kind === "image" && isGone(block.imageId)))
    tell("picture_missing", "A picture in it isn't there.", "Choose another one.");
  for (const block of all) {
    if (block.kind !== "button") continue;
    const label = block.label.trim();
    if (label === "") tell("button_empty", "A button says nothing.", "Write what it says, or remove it.");
    else if (block.href === "")
      tell("link_nowhere", `The button '${label.slice(0, 100)}' leads nowhere.`, "Write where it leads, or remove it.");
  }
}

/** Rich text holds what the editor makes and nothing else: a tag of MJML's own would end its block. */
function takeRich(html: string, name: string, findings: Finding[]): string {
  const parts = scanHtml(html);
  const bad = parts.find(
    (part) => !(part.kind === "text" || ((part.kind === "open" || part.kind === "close") && richTags.has(part.name))),
  );
  if (!bad) return html;
  const what =
    bad.kind === "open" || bad.kind === "close" ? `<${bad.name}>` : "a comment or a tag that is never closed";
  findings.push(
    blocking(
      "body",
      "refused_tag",
      `In ${name}: ${what} can't stand in a text.`,
      "Remove it, or write the mailing as HTML.",
    ),
  );
  return "";
}
