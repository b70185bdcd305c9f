import { AmsError } from "../connector.ts";
import type { Bounds } from "./bounds.ts";
import { FencedXml } from "./fenced-xml.ts";
import { type SoapFault, soapFault } from "./soap.ts";

/** Where things stand in an answer, counted from the root: `Envelope/Body/…Response/…Result/Results/Result/column`. */
const envelopeDepth = 1;
const partDepth = 2;
const responseDepth = 3;
const resultDepth = 4;
const listDepth = 5;
const rowDepth = 6;
const cellDepth = 7;

const soapNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
const soap12Namespace = "http://www.w3.org/2003/05/soap-envelope";

/** Rows are joined by these; neither can occur in XML 1.0, not even as a character reference. */
export const cellSeparator = "\u001f";
export const rowSeparator = "\u001e";

/** What an answer is expected to be, and which columns of its rows are wanted. */
export interface Expectation {
  /** Namespace of the response element. */
  readonly namespace: string;
  readonly operation: string;
  /** Columns of the rows, in the order they are handed out; empty when no rows are expected. */
  readonly columns: readonly string[];
}

/** What an answer said beside its rows. */
export interface Answer {
  /** Token for the next call, from the header; null when there is none. */
  readonly token: string | null;
  /** Text of the result element: the token of a sign-on. */
  readonly text: string;
  readonly fault: SoapFault | null;
  readonly rows: number;
  /** Wanted columns that no row had; empty when there were no rows. */
  readonly lacking: readonly string[];
}

export interface Element {
  readonly name: string;
  readonly depth: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Reads one SOAP 1.1 answer while it arrives, in memory that doesn't grow with it. Whatever is not a whole, well-formed
 * answer of the expected kind ends in an AmsError: a truncated list must never look like a short one.
 * The few namespaces that matter are resolved here.
 */
export class AnswerReader {
  readonly #xml: FencedXml;
  readonly #expected: Expectation;
  readonly #bounds: Bounds;
  readonly #onRow: (cells: string[]) => void;
  readonly #onElement: ((element: Element) => void) | undefined;
  readonly #places: ReadonlyMap<string, number>;
  readonly #width: number;
  readonly #scopes: Map<string, string>[] = [new Map()];
  readonly #seen: boolean[];
  #place = -1;
  #next = 0;
  #cells: string[] = [];
  #part: "Header" | "Body" | "" = "";
  #name = "";
  #isFault = false;
  #faultTexts: Record<string, string> = {};
  #token: string | null = null;
  #text = "";
  #rows = 0;
  #declared: number | undefined;
  #hasResponse = false;
  #isWhole = false;

  constructor(
    expected: Expectation,
    bounds: Bounds,
    onRow: (cells: string[]) => void,
    onElement?: (element: Element) => void,
  ) {
    this.#expected = expected;
    this.#bounds = bounds;
    this.#onRow = onRow;
    this.#onElement = onElement;
    this.#places = new Map(expected.columns.map((name, place) => [name, place]));
    this.#width = expected.columns.length;
    this.#seen = expected.columns.map(() => false);
    const reader = {
      open: (name: string, attributes: Record<string, string>, depth: number) => this.#open(name, attributes, depth),
      close: (depth: number) => this.#close(depth),
      text: (text: string, depth: number) => this.#addText(text, depth),
    };
    this.#xml = new FencedXml(bounds, reader, refuse);
  }

  /** @throws AmsError of kind `incomplete` or `limit` as soon as something is wrong */
  write(chunk: Uint8Array): void {
    this.#xml.write(chunk);
  }

  /** The answer has arrived. @throws AmsError when it was not a whole one */
  end(): Answer {
    this.#xml.end();
    if (!this.#isWhole) refuse("incomplete", this.#xml.isEmpty ? "it is empty" : "it ends before its end");
    if (this.#isFault) return this.#answer(soapFault(this.#faultTexts));
    if (!this.#hasResponse) refuse("incomplete", `it holds no ${this.#expected.operation}Response`);
    if (this.#declared !== undefined && this.#declared !== this.#rows) {
      refuse("incomplete", `it says it has ${this.#declared} rows, but has ${this.#rows}`);
    }
    if (this.#declared === undefined && this.#width > 0 && this.#text !== "")
      refuse("incomplete", "its result is a text, not rows");
    return this.#answer(null);
  }

  #answer(fault: SoapFault | null): Answer {
    const lacking = this.#rows === 0 ? [] : this.#expected.columns.filter((_, place) => !this.#seen[place]);
    return { token: this.#token, text: this.#text, fault, rows: this.#rows, lacking };
  }

  #open(name: string, attributes: Record<string, string>, depth: number): void {
    if (depth === cellDepth && this.#part === "Body" && !this.#isFault) {
      // The hot path: a cell of a row.
      const place = this.#placeOf(name);
      // An element may occur twice in a row: the first with something in it wins.
      this.#place = place === undefined || this.#cells[place] !== "" ? -1 : place;
      if (place !== undefined) this.#seen[place] = true;
      if (this.#onElement) this.#onElement({ name, depth, attributes });
      return;
    }
    this.#openOuter(name, attributes, depth);
    this.#onElement?.({ name, depth, attributes });
  }

  /** Columns come in the order they were asked for, nearly always: then no look-up is needed. */
  #placeOf(name: string): number | undefined {
    const next = this.#next;
    const place = this.#expected.columns[next] === name ? next : this.#places.get(name);
    if (place !== undefined) this.#next = place + 1;
    return place;
  }

  #openOuter(name: string, attributes: Record<string, string>, depth: number): void {
    if (depth === rowDepth) {
      this.#next = 0;
      if (this.#part === "Body" && this.#width > 0) this.#cells = new Array<string>(this.#width).fill("");
      return;
    }
    if (Object.keys(attributes).length > this.#bounds.attributes)
      refuse("limit", `an element has more than ${this.#bounds.attributes} attributes`);
    const [local, namespace] = depth <= resultDepth ? this.#resolve(name, attributes, depth) : [name, ""];
    this.#name = local;
    if (depth === envelopeDepth) this.#checkEnvelope(local, namespace);
    else if (depth === partDepth)
      this.#part = namespace === soapNamespace && (local === "Header" || local === "Body") ? local : "";
    else if (depth === responseDepth && this.#part === "Body") this.#openResponse(local, namespace);
    else if (depth === listDepth && this.#part === "Body" && !this.#isFault) this.#openList(attributes.recordReturn);
  }

  #checkEnvelope(local: string, namespace: string): void {
    if (local === "Envelope" && namespace === soapNamespace) return;
    if (namespace === soap12Namespace) refuse("incomplete", "it is SOAP 1.2; the bridge speaks SOAP 1.1");
    refuse("incomplete", `it begins with <${local}>, not with a SOAP envelope`);
  }

  #openResponse(local: string, namespace: string): void {
    if (local === "Fault" && namespace === soapNamespace) {
      this.#isFault = true;
      return;
    }
    const wanted = `${this.#expected.operation}Response`;
    if (local !== wanted || namespace !== this.#expected.namespace) {
      refuse("incomplete", `it holds <${local}> of '${namespace}', not the ${wanted} of '${this.#expected.namespace}'`);
    }
    this.#hasResponse = true;
  }

  #openList(recordReturn: string | undefined): void {
    if (recordReturn === undefined) {
      if (this.#width > 0) refuse("incomplete", "it doesn't say how many rows it has (recordReturn)");
      return;
    }
    if (this.#declared !== undefined) refuse("incomplete", "it holds more than one list of rows");
    if (!/^\d{1,9}$/.test(recordReturn))
      refuse("incomplete", `recordReturn is '${recordReturn.slice(0, 20)}', no number`);
    this.#declared = Number(recordReturn);
  }

  #close(depth: number): void {
    if (depth === cellDepth) this.#place = -1;
    else if (depth === rowDepth) this.#closeRow();
    else if (depth === envelopeDepth) this.#isWhole = true;
    if (depth <= resultDepth) this.#scopes.length = depth;
  }

  #closeRow(): void {
    if (this.#part !== "Body" || this.#isFault || (this.#width === 0 && this.#declared === undefined)) return;
    this.#rows += 1;
    if (this.#width > 0) this.#onRow(this.#cells);
  }

  #addText(text: string, depth: number): void {
    if (this.#place >= 0) {
      if (depth === cellDepth) this.#cells[this.#place] = this.#join(this.#cells[this.#place], text);
      return;
    }
    if (this.#isFault) {
      if (depth >= resultDepth) this.#faultTexts[this.#name] = this.#join(this.#faultTexts[this.#name], text);
    } else if (this.#part === "Header") {
      if (this.#name === "Token" && depth === resultDepth) this.#token = this.#join(this.#token, text.trim());
    } else if (this.#part === "Body" && depth >= resultDepth && depth <= listDepth) {
      // White space between a million rows would add up.
      const words = text.trim();
      if (words !== "") this.#text = this.#join(this.#text, words);
    }
  }

  /** A text that comes in pieces, with comments between them, is bounded like one that comes whole. */
  #join(before: string | null | undefined, text: string): string {
    const joined = before ? before + text : text;
    this.#xml.checkText(joined);
    return joined;
  }

  /** Local name and namespace of an outer element, by the declarations in scope. */
  #resolve(name: string, attributes: Record<string, string>, depth: number): [string, string] {
    const outer = this.#scopes[depth - 1] as Map<string, string>;
    let scope = outer;
    for (const [attribute, value] of Object.entries(attributes)) {
      if (attribute !== "xmlns" && !attribute.startsWith("xmlns:")) continue;
      if (scope === outer) scope = new Map(outer);
      scope.set(attribute.slice(6), value);
    }
    this.#scopes[depth] = scope;
    const colon = name.indexOf(":");
    return [name.slice(colon + 1), scope.get(colon < 0 ? "" : name.slice(0, colon)) ?? ""];
  }
}

function refuse(kind: "incomplete" | "limit", reason: string, cause?: unknown): never {
  const message =
    kind === "limit"
      ? "netFORUM Pro's answer went past a bound that protects this installation; nothing was changed."
      : "netFORUM Pro's answer was not whole or not understood; nothing was changed.";
  throw new AmsError(kind, message, { detail: `the answer can't be used: ${reason}`, cause });
}
