import type { PersonExport } from "./export-person.ts";

export const exportFormats = ["json", "html"] as const;
/** JSON for programs (GDPR art. 20), a page for people (art. 15). */
export type ExportFormat = (typeof exportFormats)[number];

/** The export as text, piece by piece, as its rows arrive. */
export function writeExport(found: PersonExport, format: ExportFormat): AsyncGenerator<string> {
  return format === "json" ? writeJson(found) : writeHtml(found);
}

async function* writeJson({ sections, ...head }: PersonExport): AsyncGenerator<string> {
  yield JSON.stringify(head, null, 2).replace(/\n}$/, "");
  for (const { name, rows } of sections) {
    yield `,\n  ${JSON.stringify(name)}: [`;
    let isFirst = true;
    for await (const row of rows) {
      yield `${isFirst ? "" : ","}\n    ${JSON.stringify(row)}`;
      isFirst = false;
    }
    yield isFirst ? "]" : "\n  ]";
  }
  yield "\n}\n";
}

const style =
  "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1a1a1a}table{border-collapse:collapse;width:100%;font-size:.875rem}th,td{border:1px solid #bbb;padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f2f2f2}.wide{overflow-x:auto}h2{margin-top:2rem}";

async function* writeHtml({
  account,
  exportedAt,
  addresses,
  customerKey,
  sections,
}: PersonExport): AsyncGenerator<string> {
  const key = customerKey === null ? "" : ` Customer key: ${escapeHtml(customerKey)}.`;
  yield `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>What ${escapeHtml(account)} keeps of ${escapeHtml(addresses.join(", "))}</title><style>${style}</style></head>
<body><h1>What ${escapeHtml(account)} keeps of you</h1>
<p>E-mail address: ${escapeHtml(addresses.join(", "))}.${key} As of ${escapeHtml(exportedAt.toString())} (all times in UTC).</p>
`;
  for (const { title, columns, rows } of sections) {
    yield `<h2>${escapeHtml(title)}</h2>\n`;
    const names = Object.keys(columns);
    let isEmpty = true;
    for await (const row of rows) {
      if (isEmpty) {
        const headings = names.map((name) => `<th scope="col">${escapeHtml(columns[name] ?? name)}</th>`).join("");
        yield `<div class="wide"><table><thead><tr>${headings}</tr></thead><tbody>\n`;
      }
      isEmpty = false;
      yield `<tr>${names.map((name) => `<td>${inWords(row[name])}</td>`).join("")}</tr>\n`;
    }
    yield isEmpty ? "<p>Nothing.</p>\n" : "</tbody></table></div>\n";
  }
  yield "</body></html>\n";
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value instanceof Temporal.Instant) return escapeHtml(value.round("second").toString());
  if (typeof value !== "object") return escapeHtml(String(value));
  return Object.entries(value)
    .map(([name, one]) => `${escapeHtml(name)}: ${escapeHtml(typeof one === "string" ? one : JSON.stringify(one))}`)
    .join("<br>");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"]/g, (letter) => entities[letter] ?? letter);
