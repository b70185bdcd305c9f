import { AmsError } from "../connector.ts";
import { type Bounds, defaultBounds } from "./bounds.ts";
import { FencedXml } from "./fenced-xml.ts";

/** Operations that a site offers, each with its parameters' names. */
export type Operations = ReadonlyMap<string, readonly string[]>;

/** Where a WSDL's schema names an operation's element, and its parameters: `definitions/types/schema/element/complexType/sequence/element`. */
const operationDepth = 4;
const parameterDepth = 7;
/** Real ones have two or three megabytes. */
const mostBytes = 32 * 1024 ** 2;

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
  let isDescription = false;
  let current: string[] | undefined;
  const open = (name: string, attributes: Record<string, string>, depth: number) => {
    const local = name.slice(name.indexOf(":") + 1);
    if (depth === 1) isDescription = local === "definitions";
    if (local !== "element" || attributes.name === undefined) return;
    if (depth === operationDepth) {
      current = [];
      operations.set(attributes.name, current);
    } else if (depth === parameterDepth) current?.push(attributes.name);
  };
  const bytes = Math.min(bounds.bytes, mostBytes);
  const xml = new FencedXml({ ...bounds, bytes }, { open, close() {}, text() {} }, refuse);
  for await (const chunk of chunks) xml.write(chunk);
  xml.end();
  if (!isDescription) refuse("incomplete", "it is another kind of document");
  return operations;
}

function refuse(_: string, detail: string, cause?: unknown): never {
  const message = "The address gives no service description (WSDL) of netFORUM Pro's web service.";
  throw new AmsError("incomplete", message, { detail, cause });
}
