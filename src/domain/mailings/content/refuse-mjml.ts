import { Parser } from "htmlparser2";
import { blocking, type Finding } from "./finding.ts";
import { lineAt } from "./scan-html.ts";

/** Every tag of MJML that may be used. What isn't here pulls in files, or writes past everything that is checked. */
const allowedTags = new Set(
  `mjml mj-head mj-body mj-attributes mj-all mj-class mj-breakpoint mj-preview mj-style mj-title mj-section mj-column
  mj-group mj-wrapper mj-text mj-button mj-image mj-divider mj-spacer mj-table mj-hero mj-social mj-social-element
  mj-navbar mj-navbar-link mj-accordion mj-accordion-element mj-accordion-title mj-accordion-text mj-carousel
  mj-carousel-image`.split(/\s+/),
);
const reasons: Readonly<Record<string, string>> = {
  "mj-include": "it pulls in a file",
  "mj-raw": "what stands in it is not checked by MJML; take the HTML view for a body of your own",
  "mj-html-attributes": "it writes attributes past what is checked",
  "mj-font": "it loads a font from elsewhere",
};
/** Deeper, and no mail program shows it; MJML itself would run out of room. */
const deepest = 30;

/** What MJML itself would take without a word. (reliability 1.3, 12; 1.4 E) */
export function refuseMjml(mjml: string): readonly Finding[] {
  const findings: Finding[] = [];
  const opened: { readonly name: string; readonly place: number }[] = [];
  const find = (code: string, place: number, message: string, wayOut: string) => {
    if (findings.length < 30)
      findings.push(blocking("body", code, `In the MJML, line ${lineAt(mjml, place)}: ${message}`, wayOut));
  };
  if (!/<mjml[\s>]/i.test(mjml))
    find("mjml_unreadable", 0, "there is no <mjml>.", "Begin with <mjml><mj-body>, or take the HTML view.");
  const parser = new Parser(
    {
      onopentag(name) {
        const lower = name.toLowerCase();
        if (!/^mj/.test(lower)) return;
        if (!allowedTags.has(lower)) {
          const reason = Object.hasOwn(reasons, lower) ? `can't be used: ${reasons[lower]}` : "is no tag of MJML";
          find("refused_tag", parser.startIndex, `<${name}> ${reason}.`, `Remove <${name}>.`);
        }
        opened.push({ name, place: parser.startIndex });
        if (opened.length === deepest)
          find("too_deep", parser.startIndex, `more than ${deepest} tags stand in each other.`, "Use fewer.");
      },
      ontext(text) {
        if (opened.at(-1)?.name === "mj-style" && /url\s*\(/i.test(text))
          find(
            "refused_style",
            parser.startIndex,
            "<mj-style> loads something by url().",
            "Use <mj-image> or background-url.",
          );
      },
      onclosetag(name, isImplied) {
        if (!/^mj/i.test(name)) return;
        const open = opened.pop();
        if (isImplied && open && !mjml.slice(open.place, parser.endIndex + 1).endsWith("/>"))
          find("unclosed_tag", open.place, `<${open.name}> is never closed.`, `Write </${open.name}> where it ends.`);
      },
    },
    { xmlMode: true, recognizeSelfClosing: true },
  );
  parser.end(mjml);
  return findings;
}
