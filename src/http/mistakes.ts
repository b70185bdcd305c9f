import { z } from "zod";

/** What is wrong with a value, in words that follow its name: "is empty", "is longer than 200 characters". */
function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  const origin = "origin" in issue ? String(issue.origin) : "";
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "too_small":
      if (origin === "string") return Number(issue.minimum) === 1 ? "is empty" : `needs ${issue.minimum} characters`;
      if (origin === "array") return `needs at least ${issue.minimum}`;
      return `must be at least ${issue.minimum}`;
    case "too_big":
      if (origin === "string") return `is longer than ${issue.maximum} characters`;
      if (origin === "array") return `may be at most ${issue.maximum}`;
      return `must be at most ${issue.maximum}`;
    case "invalid_value":
      return `must be one of: ${issue.values.map(String).join(", ")}`;
    case "unrecognized_keys":
      return `has what nobody knows: ${issue.keys.join(", ")}`;
    default:
      return undefined;
  }
}

const kinds: Partial<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

/** Lets every schema speak in the product's words: people read them beside the field. */
export function speakPlainly(): void {
  z.config({ customError: wordsOf });
}
