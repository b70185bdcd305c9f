import { type Expression, nearestName, readExpression } from "./expression.rules.ts";
import { blocking, type Finding } from "./finding.ts";
import type { KnownField } from "./known-fields.ts";
import { lineAt } from "./scan-html.ts";

/** More than any mail needs; each costs every recipient a little. */
const mostFields = 2000;

/** Where a text stands, for messages: "in the subject", "in block 3 (heading)". */
export interface Where {
  readonly path: Finding["path"];
  readonly name: string;
  /** Of several lines: the message says which. */
  readonly hasLines?: boolean;
}

/** The place in words, for a message; counting lines is left until there is one. */
type Place = () => string;

/**
 * Fields taken out of a mailing's texts. In their places stand tokens of plain letters, which no compiler, parser or
 * attribute minds; afterwards each is found again, wherever it came to stand.
 */
export class TakenFields {
  readonly findings: Finding[] = [];
  readonly #known: ReadonlyMap<string, KnownField>;
  readonly #expressions: { readonly expression: Expression; readonly where: Where; isUsed: boolean }[] = [];
  readonly #prefix: string;

  /** @param texts everything that tokens will stand in: none of it may look like one */
  constructor(known: ReadonlyMap<string, KnownField>, texts: readonly string[]) {
    this.#known = known;
    let prefix = "lsfield";
    while (texts.some((text) => text.toLowerCase().includes(prefix))) prefix += "q";
    this.#prefix = prefix;
  }

  /**
   * The text with a token in each field's place. What can't be understood, and a field that there isn't, is a finding.
   * @param isMarkup whether `&nbsp;` and `&quot;` inside the braces are what an editor made of spaces and quotes
   */
  take(text: string, where: Where, { isMarkup }: { readonly isMarkup: boolean }): string {
    let result = "";
    let from = 0;
    for (const match of text.matchAll(/\{\{|\{%/g)) {
      if (match.index < from) continue;
      const place = () => (where.hasLines ? `${where.name}, line ${lineAt(text, match.index)}` : where.name);
      result += text.slice(from, match.index);
      if (match[0] === "{%") {
        this.#refuse(where, place, "tag", "{% … %} is not known here.", "Only fields are: {{ field }}.");
        from = match.index + 2;
        continue;
      }
      const end = endOf(text, match.index + 2);
      if (end < 0) {
        const shown = text.slice(match.index, match.index + 30).replace(/\s+/g, " ");
        this.#refuse(where, place, "field_unclosed", `'${shown}' is never closed.`, "Write }} behind the field.");
        return result + text.slice(match.index);
      }
      const inner = text.slice(match.index + 2, end);
      result += this.#takeOne(isMarkup ? decodeInner(inner) : inner, where, place);
      from = end + 2;
    }
    return result + text.slice(from);
  }

  /** Texts and expressions in turn: what a text with tokens consists of. */
  split(text: string): readonly (string | Expression)[] {
    const parts: (string | Expression)[] = [];
    let from = 0;
    for (const match of text.matchAll(this.tokens())) {
      if (match.index > from) parts.push(text.slice(from, match.index));
      parts.push(this.expressionOf(match[0]));
      from = match.index + match[0].length;
    }
    if (from < text.length) parts.push(text.slice(from));
    return parts;
  }

  /** What stands in a link's place until the text part is made: of the same letters, so that no text looks like it. */
  linkToken(place: number): string {
    return `${this.#prefix}k${place}x`;
  }

  linkTokens(): RegExp {
    return new RegExp(`${this.#prefix}k(\\d+)x`, "g");
  }

  /** Finds tokens. */
  tokens(): RegExp {
    return new RegExp(`${this.#prefix}\\d+x`, "g");
  }

  hasToken(text: string): boolean {
    return text.includes(this.#prefix);
  }

  expressionOf(token: string): Expression {
    const taken = this.#expressions[Number(token.slice(this.#prefix.length, -1))];
    if (!taken) throw new Error(`no field was taken for '${token}'`);
    taken.isUsed = true;
    return taken.expression;
  }

  /** The text as it was meant, for messages and where no value is to be had: `{{ field }}`. */
  restore(text: string): string {
    return text.replace(this.tokens(), (token) => `{{ ${this.expressionOf(token).field} }}`);
  }

  /** Fields that were written, but came to stand nowhere: a value that never shows would be no fault of the reader's. */
  findUnused(): readonly Finding[] {
    return this.#expressions
      .filter(({ isUsed }) => !isUsed)
      .map(({ expression, where }) =>
        blocking(
          where.path,
          "field_out_of_place",
          `In ${where.name}, {{ ${expression.field} }} stands where nothing is shown.`,
          "Put it into a text, a link or an image's description.",
        ),
      );
  }

  #takeOne(inner: string, where: Where, place: Place): string {
    if (inner.startsWith("{")) {
      this.#refuse(where, place, "field_malformed", "{{{ has a brace too many.", "Write {{ field }}.");
      return "";
    }
    const expression = readExpression(inner);
    if ("message" in expression) {
      this.#refuse(where, place, expression.code, expression.message, expression.wayOut);
      return "";
    }
    if (this.#expressions.length >= mostFields) {
      if (!this.findings.some(({ code }) => code === "too_many_fields"))
        this.#refuse(where, place, "too_many_fields", `there are more than ${mostFields} fields.`, "Use fewer.");
      return "";
    }
    this.#checkName(expression, where, place);
    this.#expressions.push({ expression, where, isUsed: false });
    return `${this.#prefix}${this.#expressions.length - 1}x`;
  }

  #checkName({ field, hasFilters }: Expression, where: Where, place: Place): void {
    const known = this.#known.get(field);
    if (!known) {
      const near = nearestName(
        field,
        [...this.#known.values()].filter(({ isValid }) => isValid).map(({ name }) => name),
      );
      const wayOut = near ? `Did you mean {{ ${near} }}?` : "Choose one of the list of fields.";
      this.#refuse(where, place, "unknown_field", `there is no field '${field}'.`, wayOut);
    } else if (!known.isValid) {
      const message = `the field '${field}' may not be used: it is marked as not valid, or missing in the AMS.`;
      this.#refuse(where, place, "invalid_field", message, "Use another one, or ask an administrator.");
    } else if (field.endsWith("_url") && known.isReserved && ["subject", "preheader"].includes(where.path)) {
      const message = `{{ ${field} }} is a link: nobody could follow it here.`;
      this.#refuse(where, place, "reserved_field", message, "Put it into the body.");
    } else if (known.isReserved && hasFilters) {
      this.#refuse(where, place, "reserved_field", `{{ ${field} }} takes no filter.`, `Write {{ ${field} }} alone.`);
    }
  }

  #refuse(where: Where, place: Place, code: string, message: string, wayOut: string): void {
    if (this.findings.length < 50) this.findings.push(blocking(where.path, code, `In ${place()}: ${message}`, wayOut));
  }
}

const longestField = 5000;

/** Where `}}` stands that ends a field: the first outside quotes, or else the first at all. -1 when there is none. */
function endOf(text: string, from: number): number {
  const ahead = text.slice(from, from + longestField);
  const next = ahead.indexOf("{{");
  const quoted = /"[^"]*"|'[^']*'|&quot;.*?&quot;|&#0*34;.*?&#0*34;|\}\}/gs;
  for (const { 0: found, index } of ahead.matchAll(quoted)) if (found === "}}") return from + index;
  const end = ahead.indexOf("}}");
  return end >= 0 && (next < 0 || end < next) ? from + end : -1;
}

const named: Readonly<Record<string, string>> = {
  nbsp: " ",
  quot: '"',
  apos: "'",
  amp: "&",
  lt: "<",
  gt: ">",
  ldquo: "“",
  rdquo: "”",
};

/** What an editor of rich text makes of what somebody types between the braces, taken back. */
function decodeInner(inner: string): string {
  return inner.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[String(name).toLowerCase()] ?? whole;
    const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
