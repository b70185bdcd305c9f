import DOMPurify from "dompurify";
import { makeLists } from "./word-lists.ts";

/** What Word and Outlook leave in what they copy. */
const wordSigns = /<o:p\b|class="?Mso|mso-(?:style|bidi|fareast|list)|<w:WordDocument/i;
const docsSigns = /id="?docs-internal-guid-/i;

/** Whose mark-up it is, where it is a text program's; null for code and for other pages. */
export function programOf(html: string): "Word" | "Google Docs" | null {
  if (wordSigns.test(html)) return "Word";
  return docsSigns.test(html) ? "Google Docs" : null;
}

/** Whether code is what Word saves as a page: mails made by hand may have some of its signs, for Outlook's sake. */
export const isWordPage = (code: string): boolean =>
  /<w:WordDocument/i.test(code) || (/<o:p\b/i.test(code) && /class="?Mso/i.test(code));

const blocks = "p, h1, h2, h3, h4, ul, ol, li, table, tr, td, th, blockquote";

/** What a text consists of. Tables stay, since they hold what cannot be told without them. */
const allowedTags = "p br strong em u s a ul ol li h1 h2 h3 h4 table thead tbody tr td th blockquote".split(" ");

/**
 * A text as it was meant: paragraphs, headings, lists, tables, links, bold and italic. Styles, classes, comments and
 * pictures, which lie on the writer's own disk, are left out; lists that Word writes as paragraphs become lists.
 */
export function cleanPaste(html: string): string {
  // A document of its own, in which nothing runs or loads.
  const page = new DOMParser().parseFromString(html, "text/html");
  makeLists(page);
  mendBlocks(page);
  meanByTags(page);
  const { body } = page;
  for (const element of body.querySelectorAll("style, script, xml, title, [style*='mso-element:comment']"))
    element.remove();
  const clean = DOMPurify.sanitize(body.innerHTML, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: ["href", "colspan", "rowspan", "start"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|sms):|^\{\{/i,
    RETURN_DOM_FRAGMENT: true,
  });
  return written(clean);
}

/** A `<div>` without blocks in it is a paragraph; a list that stands in a list belongs to the item before it. */
function mendBlocks(page: Document): void {
  for (const div of page.body.querySelectorAll(`div:not(:has(${blocks}, div))`)) {
    const paragraph = page.createElement("p");
    paragraph.append(...div.childNodes);
    div.replaceWith(paragraph);
  }
  for (const list of page.body.querySelectorAll(":is(ul, ol) > :is(ul, ol)"))
    if (list.previousElementSibling?.tagName === "LI") list.previousElementSibling.append(list);
}

/** Bold and italic by style become tags; `<b>` around everything that says it isn't, as Google Docs has it, goes. */
function meanByTags(page: Document): void {
  const rename: Readonly<Record<string, string>> = { B: "strong", I: "em", STRIKE: "s", DEL: "s", H5: "h4", H6: "h4" };
  for (const element of [...page.body.querySelectorAll<HTMLElement>("*")]) {
    const { fontWeight, fontStyle, textDecoration } = element.style;
    const isInline = element.matches("span, b, i, u, font, strong, em");
    if (element.matches("b, strong") && /^(normal|400)$/.test(fontWeight)) {
      element.replaceWith(...element.childNodes);
      continue;
    }
    if (isInline && element.textContent?.trim()) {
      if (/^(bold|bolder|[6-9]00)$/.test(fontWeight) && !element.closest("b, strong, h1, h2, h3, h4"))
        wrap(element, "strong");
      if (fontStyle === "italic" && !element.closest("i, em")) wrap(element, "em");
      if (/underline/.test(textDecoration) && !element.closest("u, a")) wrap(element, "u");
    }
    const name = rename[element.tagName];
    if (name === undefined) continue;
    const other = page.createElement(name);
    other.append(...element.childNodes);
    element.replaceWith(other);
  }
}

function wrap(element: HTMLElement, name: string): void {
  const around = element.ownerDocument.createElement(name);
  around.append(...element.childNodes);
  element.append(around);
}

/** As text: without what is empty, without line ends in lines, a block on each line. */
function written(fragment: DocumentFragment): string {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    // Word ends its lines in the middle of sentences, and fills with hard spaces.
    node.data = node.data.replace(/[ \t\r\n\u00a0]+/g, " ");
  }
  for (const link of fragment.querySelectorAll("a:not([href])")) link.replaceWith(...link.childNodes);
  for (const element of fragment.querySelectorAll("p, h1, h2, h3, h4, li, strong, em, u, s"))
    if (!element.textContent?.trim() && !element.querySelector("br")) element.remove();
  // A paragraph in an item sets it far apart in mail programs.
  for (const only of fragment.querySelectorAll("li > p:first-child:not(:has(~ p))"))
    only.replaceWith(...only.childNodes);
  fragment.normalize();
  const holder = document.createElement("div");
  holder.append(fragment);
  // Google Docs' empty lines: between paragraphs there is room anyway.
  for (const line of holder.querySelectorAll(":scope > br"))
    if (line.previousElementSibling?.matches(blocks) || line.nextElementSibling?.matches(blocks)) line.remove();
  for (const block of holder.querySelectorAll(blocks)) {
    for (const end of [block.firstChild, block.lastChild]) {
      if (!(end instanceof Text)) continue;
      if (end === block.firstChild) end.data = end.data.trimStart();
      if (end === block.lastChild) end.data = end.data.trimEnd();
    }
  }
  return holder.innerHTML.replaceAll(/<\/(p|h[1-4]|ul|ol|li|table|tr|blockquote)>\s*/g, "</$1>\n").trim();
}
