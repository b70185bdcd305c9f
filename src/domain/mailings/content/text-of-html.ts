import { convert, type HtmlToTextOptions } from "html-to-text";

const heading = { options: { uppercase: false } };
const options: HtmlToTextOptions = {
  limits: { maxDepth: 300 },
  // Lines are as long as paragraphs: mail programs wrap them, and values differ in length.
  wordwrap: false,
  selectors: [
    { selector: "img", format: "skip" },
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, linkBrackets: ["<", ">"] } },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, ...heading })),
  ],
};

/** The text part that is made from the body, with tokens in the places of fields and links as they stand there. */
export function textOfHtml(html: string): string {
  return convert(html, options)
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
