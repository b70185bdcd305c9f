import { type NoticeType, noticeTypes } from "./event.rules.ts";
import { headingOf, type Notice, wholeNumber } from "./notice.rules.ts";

/** A letter's text, once plain and once as simple HTML that says the same. */
export interface LetterText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A heading with lines below it, each with where to look. */
export interface LetterSection {
  readonly heading: string;
  readonly lines: readonly { readonly text: string; readonly path?: string }[];
}

/** Lines of one kind that a letter shows; the pages show the rest. */
const linesShown = 20;

/** What was collected for a user, as one letter: the kinds in the order of `noticeTypes`, the oldest line first. */
export function noticesLetter(name: string, notices: readonly Notice[], baseUrl: string): LetterText {
  const sections = noticeTypes.flatMap((type) => sectionOf(type, notices));
  const [first] = sections;
  const only = notices.length === 1 ? notices[0] : undefined;
  const more = sections.length > 1 ? `, and ${sections.length - 1} more kind${sections.length > 2 ? "s" : ""}` : "";
  const subject = only ? `${first?.heading}: ${only.text}` : `${first?.heading}${more}`;
  return writeLetter(subject, `Hello ${name},`, sections, baseUrl);
}

function sectionOf(type: NoticeType, notices: readonly Notice[]): LetterSection[] {
  const own = notices.filter((notice) => notice.type === type);
  if (own.length === 0) return [];
  const total = own.reduce((sum, { count }) => sum + count, 0);
  return [{ heading: headingOf(type, total), lines: cut(own, moreAt[type] ?? "/") }];
}

/** Where the rest of a long list is looked at. */
const moreAt: Partial<Record<NoticeType, string>> = {
  "sync.succeeded": "/syncs",
  "sync.failed": "/syncs",
  "sync.held": "/syncs",
  "mailing.sent": "/mailings",
  "mailing.on_hold": "/mailings",
};

/** The first lines, and how many more there are. */
export function cut(
  lines: readonly { readonly text: string; readonly path: string }[],
  path: string,
  total = lines.length,
): LetterSection["lines"] {
  const shown = lines.slice(0, linesShown);
  if (total <= shown.length) return shown;
  return [...shown, { text: `and ${wholeNumber(total - shown.length)} more`, path }];
}

/** @param baseUrl the origin that paths belong to */
export function writeLetter(
  subject: string,
  greeting: string,
  sections: readonly LetterSection[],
  baseUrl: string,
): LetterText {
  const choose = `${baseUrl}/me/notices`;
  const text = [
    greeting,
    ...sections.map(({ heading, lines }) =>
      [heading, ...lines.map(({ text, path }) => `- ${text}${path ? `\n  ${baseUrl}${path}` : ""}`)].join("\n"),
    ),
    `You get this because you are a user of Lockstep. Choose what you are told:\n${choose}`,
  ].join("\n\n");
  const link = (path: string, words: string) => `<a href="${escaped(`${baseUrl}${path}`)}">${escaped(words)}</a>`;
  const html = [
    `<p>${escaped(greeting)}</p>`,
    ...sections.map(({ heading, lines }) => {
      const items = lines.map(({ text, path }) => `<li>${path ? link(path, text) : escaped(text)}</li>`);
      return `<h2 style="font-size:1.1em">${escaped(heading)}</h2><ul>${items.join("")}</ul>`;
    }),
    `<p style="color:#555">You get this because you are a user of Lockstep. ${link("/me/notices", "Choose what you are told")}</p>`,
  ].join("\n");
  return {
    subject: oneLine(subject),
    text: `${text}\n`,
    html: `<!doctype html><html lang="en"><body style="font-family:sans-serif;max-width:40em">${html}</body></html>`,
  };
}

/** A subject is one line, and no longer than mail programs show. */
function oneLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return plain.length <= 150 ? plain : `${plain.slice(0, 149)}…`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}
