import fc from "fast-check";
import { expect, test } from "vitest";
import { addressKey } from "./address.rules.ts";

test.each([
  ["Ana.Lopes@Example.ORG", "ana.lopes@example.org"],
  ["  spaced@example.org ", "spaced@example.org"],
  ["o'neil+list@sub.example.co.uk", "o'neil+list@sub.example.co.uk"],
  ["jörg@müller.example", "jörg@xn--mller-kva.example"],
  ["JO\u0308RG@MÜLLER.example", "jörg@xn--mller-kva.example"],
  ["用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"],
  [`${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
])("2.1 compares %s as %s", (text, key) => expect(addressKey(text)).toBe(key));

test.each([
  "",
  " ",
  "a@b",
  "a",
  "@example.org",
  "a@",
  "a@@example.org",
  "a@b@example.org",
  "a b@example.org",
  "a@exam ple.org",
  ".a@example.org",
  "a.@example.org",
  "a..b@example.org",
  "a@.example.org",
  "a@example..org",
  "a@example.org.",
  "a@-example.org",
  "a@example-.org",
  "a@[127.0.0.1]",
  "a@127.0.0.1",
  '"quoted"@example.org',
  "Ana <a@example.org>",
  "mailto:a@example.org",
  "a@example.org;b@example.org",
  "a@example.org,b@example.org",
  "a\u200b@example.org",
  "a\u202e@example.org",
  "a\n@example.org",
  "a@exa\u0000mple.org",
  `${"a".repeat(65)}@example.org`,
  `a@${"b".repeat(64)}.org`,
  `a@${"b.".repeat(127)}org`,
  "a@example.org\r\nBcc: x@example.org",
])("2.1 refuses %j", (text) => expect(addressKey(text)).toBeNull());

test("2.1 never throws, and a key is its own key", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.emailAddress()), (text) => {
      const key = addressKey(text);
      if (key !== null) expect(addressKey(key)).toBe(key);
    }),
  );
});
