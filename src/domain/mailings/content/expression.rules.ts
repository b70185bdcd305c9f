/** What stands between `{{` and `}}`, understood: a field and what is done to its value. */
export interface Expression {
  readonly field: string;
  /** The same as Liquid's output of a value named `value`. */
  readonly template: string;
  readonly hasDefault: boolean;
  readonly hasFilters: boolean;
}

/** Why a text can't be sent as it stands: in words that name the place and the way out. */
export interface Mistake {
  /** Stable, for programs. */
  readonly code: string;
  readonly message: string;
  readonly wayOut: string;
}

/** Each filter with how many arguments it takes, and what they are. */
const filters: Readonly<
  Record<string, { readonly least: number; readonly most: number; readonly kinds: readonly string[] }>
> = {
  default: { least: 1, most: 1, kinds: ["text"] },
  upcase: { least: 0, most: 0, kinds: [] },
  downcase: { least: 0, most: 0, kinds: [] },
  capitalize: { least: 0, most: 0, kinds: [] },
  date: { least: 1, most: 1, kinds: ["text"] },
  truncate: { least: 1, most: 2, kinds: ["number", "text"] },
  strip: { least: 0, most: 0, kinds: [] },
  escape: { least: 0, most: 0, kinds: [] },
};
const mostFilters = 10;
const longestExpression = 1000;

const example = 'Write it like {{ ind_first_name | default: "Friend" }}.';

/** Reads what stands between the braces. Filters take texts in quotes and whole numbers, nothing else. */
export function readExpression(inner: string): Expression | Mistake {
  const text = inner.replace(/[\s\u00a0\u200b\ufeff]+/g, " ").trim();
  const shown = `{{ ${text.length > 60 ? `${text.slice(0, 60)}…` : text} }}`;
  const wrong = (code: string, message: string, wayOut = example): Mistake => ({ code, message, wayOut });
  if (text === "") return wrong("field_empty", "{{ }} names no field.");
  if (text.length > longestExpression)
    return wrong("field_too_long", `${shown} is longer than ${longestExpression} characters.`);
  if (/^-|-$/.test(text))
    return wrong("field_malformed", `${shown} has a '-' at its braces.`, "Write {{ and }} without '-'.");
  if (/[“”„‟«»]/.test(outsideQuotes(text)) || /[‘’‚‛]/.test(outsideQuotes(text)))
    return wrong(
      "curly_quotes",
      `${shown} has curly quotes.`,
      'Write straight ones: "…". Text programs like to turn them.',
    );
  if (/[<>{}]/.test(outsideQuotes(text)))
    return wrong(
      "field_malformed",
      `${shown} has formatting or a brace inside it.`,
      "Remove it and write the field again, in one go.",
    );
  const [, field = "", rest = ""] = /^([A-Za-z0-9_]{1,64}) ?(.*)$/.exec(text) ?? [];
  if (field === "" || (rest !== "" && !rest.startsWith("|")))
    return wrong("field_malformed", `${shown} is no field name, alone or followed by '|' and a filter.`);
  return readFilters(field, rest, shown, wrong);
}

type Wrong = (code: string, message: string, wayOut?: string) => Mistake;

function readFilters(field: string, rest: string, shown: string, wrong: Wrong): Expression | Mistake {
  const parts: string[] = [];
  let hasDefault = false;
  let left = rest;
  while (left !== "") {
    const found = /^\| ?([A-Za-z_]+) ?(?:: ?((?:"[^"]*"|'[^']*'|-?\d+)(?: ?, ?(?:"[^"]*"|'[^']*'|-?\d+))*) ?)?/.exec(
      left,
    );
    if (!found) return wrong("field_malformed", `${shown} can't be understood from '${left.slice(0, 30)}' on.`);
    const [whole, name = "", list] = found;
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (!filter)
      return wrong(
        "unknown_filter",
        `${shown} has a filter '${name}', which there isn't.`,
        `There are: ${Object.keys(filters).join(", ")}.`,
      );
    const given = list?.match(/"[^"]*"|'[^']*'|-?\d+/g) ?? [];
    const isRight =
      given.length >= filter.least &&
      given.length <= filter.most &&
      given.every((argument, at) => (/^["']/.test(argument) ? "text" : "number") === filter.kinds[at]);
    if (!isRight) return wrong("filter_arguments", `${shown}: '${name}' takes ${wordsOf(name)}.`);
    hasDefault ||= name === "default";
    parts.push(given.length > 0 ? `${name}: ${given.join(", ")}` : name);
    if (parts.length > mostFilters) return wrong("field_malformed", `${shown} has more than ${mostFilters} filters.`);
    left = left.slice(whole.length);
    if (left !== "" && !left.startsWith("|"))
      return wrong("field_malformed", `${shown} can't be understood from '${left.slice(0, 30)}' on.`);
  }
  return { field, template: `{{ ${["value", ...parts].join(" | ")} }}`, hasDefault, hasFilters: parts.length > 0 };
}

function wordsOf(name: string): string {
  switch (name) {
    case "default":
      return 'one text in straight quotes: default: "Friend"';
    case "date":
      return 'one text in straight quotes: date: "%d %B %Y"';
    case "truncate":
      return 'a number, and perhaps a text: truncate: 20, "…"';
    default:
      return "nothing behind it";
  }
}

function outsideQuotes(text: string): string {
  return text.replace(/"[^"]*"|'[^']*'/g, "");
}

/** The nearest of some names, if it is near at all: what somebody probably meant. */
export function nearestName(name: string, names: Iterable<string>): string | null {
  let best: { readonly name: string; readonly distance: number } | null = null;
  const sought = name.toLowerCase();
  for (const candidate of names) {
    const distance = editDistance(sought, candidate.toLowerCase());
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.name : null;
}

/** Letters to add, take away or change. (Levenshtein) Names have at most 64 letters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
