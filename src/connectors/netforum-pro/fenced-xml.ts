import { SaxesParser } from "saxes";
import { AmsError } from "../connector.ts";
import type { Bounds } from "./bounds.ts";

/** What a reader of a document is told, in its order. Depths count from 1, the root. */
export interface XmlReader {
  open(name: string, attributes: Record<string, string>, depth: number): void;
  close(depth: number): void;
  text(text: string, depth: number): void;
}

/** Why a document can't be used: it is broken or of another kind, or it goes past a bound. */
export type Refuse = (kind: "incomplete" | "limit", reason: string, cause?: unknown) => never;

/**
 * The fences around every document that comes from outside. Strictness is saxes's; no document type definition,
 * XML 1.0 in UTF-8 alone, and the bounds on size, depth and texts are ours.
 */
export class FencedXml {
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #bounds: Bounds;
  readonly #refuse: Refuse;
  #depth = 0;
  #bytes = 0;
  #sinceEvent = 0;

  constructor(bounds: Bounds, reader: XmlReader, refuse: Refuse) {
    this.#bounds = bounds;
    this.#refuse = refuse;
    const parser = this.#parser;
    parser.on("xmldecl", ({ version, encoding }) => this.#checkDeclaration(version, encoding));
    parser.on("doctype", () => refuse("incomplete", "it holds a document type definition"));
    parser.on("opentag", ({ name, attributes }) => {
      this.#sinceEvent = 0;
      this.#depth += 1;
      if (this.#depth > bounds.depth) refuse("limit", `it is nested deeper than ${bounds.depth} levels`);
      reader.open(name, attributes, this.#depth);
    });
    parser.on("closetag", () => {
      this.#sinceEvent = 0;
      reader.close(this.#depth);
      this.#depth -= 1;
    });
    const takeText = (text: string) => {
      this.#sinceEvent = 0;
      this.checkText(text);
      reader.text(text, this.#depth);
    };
    parser.on("comment", () => {
      this.#sinceEvent = 0;
    });
    parser.on("text", takeText);
    parser.on("cdata", takeText);
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Refuses as soon as something is wrong. */
  write(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#bounds.bytes) this.#refuse("limit", `it is larger than ${this.#bounds.bytes} bytes`);
    this.#sinceEvent += chunk.byteLength;
    this.#parse(() => this.#parser.write(this.#decoder.decode(chunk, { stream: true })));
    // saxes holds back a text until it ends: one that doesn't end would fill the memory.
    if (this.#sinceEvent > this.#bounds.text + chunk.byteLength) this.#refuseText();
  }

  /** The document has arrived. Refuses what saxes finds unfinished. */
  end(): void {
    this.#parse(() => {
      const rest = this.#decoder.decode();
      if (rest !== "") this.#parser.write(rest);
      this.#parser.close();
    });
  }

  /** Refuses a text that is too long: also one that was put together of pieces. */
  checkText(text: string): void {
    if (text.length > this.#bounds.text) this.#refuseText();
  }

  #refuseText(): never {
    return this.#refuse("limit", `a text in it is longer than ${this.#bounds.text} characters`);
  }

  #parse(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (error instanceof AmsError) throw error;
      const reason =
        error instanceof TypeError ? "it is not in UTF-8" : error instanceof Error ? error.message : String(error);
      this.#refuse("incomplete", `it is not well-formed: ${reason}`, error);
    }
  }

  #checkDeclaration(version: string | undefined, encoding: string | undefined): void {
    // XML 1.1 allows references to control characters, those between cells and rows among them.
    if (version !== "1.0") this.#refuse("incomplete", `it is in XML ${version}, not in XML 1.0`);
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
      this.#refuse("incomplete", `it is in ${encoding}, not in UTF-8`);
  }
}
