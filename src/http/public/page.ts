import { createHash } from "node:crypto";

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeText = (text: string) => text.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);

/** HTML with every value escaped but those that are HTML already. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const own = values.map((value) => (typeof value === "string" ? escapeText(value) : value.html));
  return { html: parts.map((part, at) => part + (own[at] ?? "")).join("") };
}

/** The house's colours (web/theme.ts), for pages without scripts or files: one answer, and nothing is fetched. */
const style = `
:root { color-scheme: light dark; --body: #fbfcfc; --surface: #fff; --line: #e3e8e8; --ink: #1d242a; --dim: #566169; --accent: #1c6c6a; --on-accent: #fff; --press: #17595c }
@media (prefers-color-scheme: dark) { :root { --body: #12181c; --surface: #182026; --line: #2b363d; --ink: #dbe2e4; --dim: #a3afb4; --accent: #8bc4bd; --on-accent: #101519; --press: #b5d8d4 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--body); color: var(--ink); font: 1rem/1.55 'Inter Variable', system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif; overflow-wrap: anywhere }
main { width: 100%; max-width: 30rem }
.from { margin: 0 0 1rem; text-align: center; font-weight: 640 }
.card { padding: 2rem; background: var(--surface); border: 1px solid var(--line); border-radius: 8px }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.3; font-weight: 620 }
p { margin: 0 0 1rem }
.card > :last-child { margin-bottom: 0 }
.dim { color: var(--dim); font-size: .9375rem }
form { margin: 1.5rem 0 }
button { width: 100%; min-height: 44px; padding: .6rem 1rem; border: 1px solid var(--accent); border-radius: 8px; font: inherit; font-weight: 600; cursor: pointer; background: var(--accent); color: var(--on-accent) }
button:hover { background: var(--press); border-color: var(--press) }
button.quiet { background: transparent; color: inherit; border-color: var(--dim) }
button.quiet:hover { background: var(--line) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.sign { display: inline-grid; place-items: center; width: 2.5rem; height: 2.5rem; margin-bottom: .75rem; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 700 }
@media (max-width: 480px) { .card { padding: 1.25rem } }
`;

/** Nothing from anywhere, no script at all; the one form goes back to where it came from. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** A whole page for somebody who has no sign-in here: short, in plain words, readable by every browser. */
export function page(title: string, from: string | null, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeText(from === null ? title : `${title} · ${from}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
${from === null ? "" : `<p class="from"><bdi>${escapeText(from)}</bdi></p>\n`}<div class="card">
${body.html}
</div>
</main>
</body>
</html>
`;
}
