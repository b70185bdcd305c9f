import fc from "fast-check";
import { expect, test } from "vitest";
import { fillPreferenceLink, preferenceLinkMistake } from "./preference-link.rules.ts";

const good = "https://www.example.org/eweb/preferences?cst_key={customer_key}";

test.each([
  "",
  good,
  "https://example.org/{customer_key}",
  "https://example.org/a#{customer_key}/b",
  "HTTPS://example.org:8443/?k={customer_key}&x=1",
])("4.1 '%s' can be the AMS's preference link", (template) => {
  expect(preferenceLinkMistake(template)).toBeNull();
});

test.each([
  ["http://example.org/?k={customer_key}", /https/],
  ["javascript:alert(1)//{customer_key}", /https/],
  ["//example.org/{customer_key}", /https/],
  ["https://{customer_key}.example.org/", /site's name/],
  ["https://somebody@example.org/{customer_key}", /site's name/],
  ["https://example.org/preferences", /holds \{customer_key\} once/],
  ["https://example.org/{customer_key}/{customer_key}", /once/],
  ["https://example.org/{customer_key}?e={email}", /braces/],
  ['https://example.org/"onclick="a"?k={customer_key}', /quotes/],
  ["https://example.org/a b?k={customer_key}", /spaces/],
  ["https://example.org\\@other.org/{customer_key}", /site's name|quotes/],
  ["https://[/{customer_key}", /no address/],
  [`https://example.org/${"a".repeat(2000)}{customer_key}`, /2000/],
] as const)("4.1 '%s' can't", (template, mistake) => {
  expect(preferenceLinkMistake(template)).toMatch(mistake);
});

test("4.1 whatever a key holds, it stays a part of the link: the site and what stands behind it are the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (key) => {
      const url = new URL(fillPreferenceLink(`${good}&x=1`, key));
      expect([url.origin, url.pathname, url.hash]).toEqual(["https://www.example.org", "/eweb/preferences", ""]);
      expect([...url.searchParams.keys()]).toEqual(["cst_key", "x"]);
      expect(url.searchParams.get("cst_key")).toBe(key.toWellFormed());
    }),
    { numRuns: 2000 },
  );
});
