import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "..", "..", "shared", "fixtures", "xweb");

/** Traffic recorded at a real site; it lies beside the project, and tests that need it are skipped, visibly, without. */
export const hasRecorded = existsSync(folder);

export function recorded(name: string): Buffer {
  return readFileSync(join(folder, `${name}.xml`));
}
