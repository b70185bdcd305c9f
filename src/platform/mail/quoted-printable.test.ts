import fc from "fast-check";
import { expect, test } from "vitest";
import { runPython, testWithPython } from "../../../test/harness/python.ts";
import { encodePiece } from "./quoted-printable.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({
    unit: fc.constantFrom("a", " ", "\t", "=", ".", "\r", "\n", "\r\n", "é", "😀", "From "),
    maxLength: 400,
  }),
);
const pieces = fc.array(texts, { maxLength: 6 });
const encode = (parts: readonly string[]) => parts.map(encodePiece).join("");
const normal = (text: string) => text.replace(/\r\n?|\n/g, "\r\n");

test("4.5 lines of a body are at most 76 characters of ASCII, and end CR LF alone", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const encoded = encode(parts);
      expect(encoded).toMatch(/^[\t\r\n -~]*$/);
      expect(encoded.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      for (const line of encoded.split("\r\n")) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(line).not.toMatch(/[ \t]$/);
      }
    }),
    { numRuns: 500 },
  );
});

testWithPython("quopri")("4.5 what was encoded piece by piece, a decoder of somebody else's reads as it was", () => {
  const cases = fc.sample(pieces, { numRuns: 500, seed: 7 });
  const decoded = runPython<string[]>(
    "import json, quopri, sys; print(json.dumps([quopri.decodestring(text.encode()).decode('utf-8') for text in json.load(sys.stdin)]))",
    cases.map(encode),
  );
  for (const [at, parts] of cases.entries()) expect(decoded[at]).toBe(parts.map(normal).join("").toWellFormed());
});
