import { SaxesParser } from "saxes";
import { AmsError } from "../connector.ts";
import { type Bounds, defaultBounds } from "./bounds.ts";

/** Operations that a site offers, each with its parameters' names. */
export type Operations = ReadonlyMap<string, readonly string[]>;

/** Where a WSDL's schema names an operation's element, and its parameters: `definitions/types/schema/element/complexType/sequence/element`. */
const operationDepth = 4;
const parameterDepth = 7;

/**
 * Reads which operations a service description offers. Only names are taken from it: its own address says `http`, so
 * the configured one wins.
 * @throws AmsError of kind `incomplete` when it is no service description
 */
export async function readOperations(
  chunks: AsyncIterable<Uint8Array>,
  bounds: Bounds = defaultBounds,
): Promise<Operations> {
  const operations = new Map<string, string[]>();
  const parser = new SaxesParser({ xmlns: false, position: false });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let depth = 0;
  let bytes = 0;
  let isDescription = false;
  let current: string[] | undefined;
  parser.on("doctype", () => {
    throw new Error("it holds a document type definition");
  });
  parser.on("opentag", ({ name, attributes }) => {
    depth += 1;
    const local = name.slice(name.indexOf(":") + 1);
    if (depth === 1) isDescription = local === "definitions";
    if (depth > bounds.depth) throw new Error("it is nested too deep");
    if (local !== "element" || attributes.name === undefined) return;
    if (depth === operationDepth) {
      current = [];
      operations.set(attributes.name, current);
    } else if (depth === parameterDepth) current?.push(attributes.name);
  });
  parser.on("closetag", () => {
    depth -= 1;
  });
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > 32 * 1024 * 1024) throw new Error("it is larger than 32 MB");
      parser.write(decoder.decode(chunk, { stream: true }));
    }
    parser.write(decoder.decode()).close();
    if (!isDescription) throw new Error("it is another kind of document");
  } catch (cause) {
    if (cause instanceof AmsError || (cause instanceof Error && cause.name === "TransportError")) throw cause;
    throw new AmsError("incomplete", "The address gives no service description (WSDL) of netFORUM Pro's web service.", {
      detail: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  return operations;
}
