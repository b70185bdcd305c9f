import fc from "fast-check";
import { expect, test } from "vitest";
import { naughtyStrings } from "../../../../test/harness/naughty-strings.ts";
import { compileContent, type Written } from "./compile-content.ts";
import { readExpression } from "./expression.rules.ts";
import { createFiller, type FillPerson } from "./fill.ts";
import type { KnownField } from "./known-fields.ts";

const names = ["first", "remote_id", "unsubscribe_url", "preferences_url", "postal_address"];
const field = (name: string): readonly [string, KnownField] => [
  name,
  {
    name,
    displayName: name,
    defaultValue: "",
    comment: "",
    isKept: true,
    isValid: true,
    isReserved: !["first", "remote_id"].includes(name),
  },
];
const ground = {
  known: new Map(names.map(field)),
  postalAddress: '1 "Main" St\nTown <X>',
  publicUrl: "https://here",
  language: "en",
};
const compile = (written: Partial<Written>) =>
  compileContent(
    {
      fromName: "",
      fromAddress: "news@example.org",
      replyTo: "",
      subject: "Hello",
      preheader: "",
      bodyKind: "html",
      body: "",
      textPart: null,
      ...written,
    },
    ground,
    () => null,
  );
const person = (values: Record<string, string> = {}): FillPerson => ({
  values,
  links: { click: (link) => `https://t/c/${link}`, unsubscribe: "https://t/u", preferences: "https://t/p", pixel: "" },
});
const blockers = async (written: Partial<Written>) =>
  (await compile(written)).findings.filter(({ severity }) => severity === "blocks").map(({ code }) => code);
const mjml = (inside: string) =>
  `<mjml><mj-body><mj-section><mj-column>${inside}</mj-column></mj-section></mj-body></mjml>`;

test.each([
  ["in a link", { body: '<a href="https://ann:secret@example.org/">x</a>' }],
  ["without a password", { body: '<a href="https://bank.example@evil.example/">x</a>' }],
  ["behind letters that mean the same", { body: '<a href="https://ann&#64;example.org/">x</a>' }],
  ["with slashes that lean back", { body: '<a href="https:\\\\ann@example.org/">x</a>' }],
  ["in a picture", { body: '<img alt="" src="//ann:secret@example.org/a.png">' }],
  ["in a style", { body: '<p style="background:url(https://ann:secret@example.org/a.png)">x</p>' }],
  ["in MJML", { bodyKind: "mjml", body: mjml('<mj-button href="https://ann@example.org/">x</mj-button>') }],
  ["in the text part", { body: "<p>x</p>", textPart: "Look at\nhttps://ann:secret@example.org/" }],
] satisfies [string, Partial<Written>][])("1.3 an address with a user name is refused: %s", async (_, written) => {
  expect(await blockers(written)).toContain("user_name_in_address");
});

test("1.3 an @ that is no user name's is none: in paths, queries, mail addresses", async () => {
  const links = ["https://example.org/@ann", "https://example.org/?to=a@b.c", "mailto:ann@example.org"];
  const body = links.map((link) => `<a href="${link}">x</a>`).join("");
  expect(await blockers({ body, textPart: `ann@example.org ${links.join(" ")}` })).toEqual([]);
});

test.each([
  ["elements in each other without end", { body: "<div>".repeat(50_000) }, "too_deep"],
  ["as many, closed", { body: "<div>".repeat(20_000) + "</div>".repeat(20_000) }, "too_deep"],
  ["MJML in itself without end", { body: `<mjml><mj-body>${"<mj-wrapper>".repeat(3000)}` }, "too_deep"],
  ["MJML that becomes many megabytes", { body: mjml("<mj-text>x</mj-text>".repeat(3000)) }, "mjml_unreadable"],
  ["MJML with a tag that is never closed", { body: mjml("<mj-text>x") }, "unclosed_tag"],
  [
    "styles that load something",
    { body: mjml("<mj-style>a{background:url(https://x.example)}</mj-style>") },
    "refused_style",
  ],
  [
    "a title that breaks out",
    { body: `<mjml><mj-head><mj-title>x" onload="y</mj-title></mj-head><mj-body></mj-body></mjml>` },
    "refused_attribute",
  ],
  [
    "MJML's attributes by selector",
    { body: "<mjml><mj-head><mj-html-attributes></mj-html-attributes></mj-head><mj-body></mj-body></mjml>" },
    "refused_tag",
  ],
  ["a link out of another mail", { body: '<a href="https://here/u/abc">x</a>' }, "link_of_another_mail"],
  [
    "the unsubscribe link inside an address",
    { body: '<a href="https://x.example/?to={{ unsubscribe_url }}">x</a>' },
    "field_out_of_place",
  ],
  ["the postal address as a link", { body: '<a href="{{ postal_address }}">x</a>' }, "field_out_of_place"],
  ["an unsubscribe link in the subject", { body: "", subject: "{{ unsubscribe_url }}" }, "reserved_field"],
  ["one that stands in the preheader alone", { body: "", preheader: "{{ unsubscribe_url }}" }, "reserved_field"],
  ["more links than anybody follows", { body: '<a href="https://x.example">x</a>'.repeat(3000) }, "too_many_links"],
  ["more fields than anybody fills", { body: "{{ first }} ".repeat(5000) }, "too_many_fields"],
  ["fields that never end", { body: '{{ "'.repeat(100_000) }, "field_unclosed"],
] as const)("4.1 %s can't be sent; it is said once, and takes no time", async (_, written, code) => {
  const from = performance.now();
  const found = await blockers(written.body.startsWith("<mjml") ? { ...written, bodyKind: "mjml" } : written);
  expect(found.filter((each) => each === code)).toHaveLength(1);
  expect(performance.now() - from).toBeLessThan(15_000);
});

test.each([
  "",
  " ",
  "first.name",
  "first[0]",
  "first['constructor']",
  "constructor.prototype",
  "__proto__.x",
  "first | raw",
  "first | append: 'x'",
  "first | prepend",
  "first | default",
  "first | default:",
  "first | default: first",
  "first | default: 'a', 'b'",
  "first | default: “a”",
  "first | default: 'a",
  "first | date",
  "first | date: 5",
  "first | truncate: 'a'",
  "first | truncate: 1, 2",
  "first | truncate: 1e9",
  "first | upcase: 1",
  "first || upcase",
  "first | | upcase",
  "first |",
  "| upcase",
  "first upcase",
  "first, first",
  "first == first",
  "first and first",
  "'text'",
  "5",
  "-first",
  "first -",
  "- first -",
  "first<b>",
  "{ first }",
  "first }",
  "first | map: 'x'",
  "first | where_exp: 'a', 'b'",
  "first | json",
  "first | constructor",
  "first | __proto__",
  "first | toString",
  "first | hasOwnProperty: 'x'",
  "first\u0000",
  "fïrst",
  "first | default: 'a' | nothing",
  "first; drop",
  "first % 2",
  "(1..10)",
  "first | default: (1..1000000)",
  "%} {% include 'x' %}",
  `first${" | upcase".repeat(50)}`,
  `first | default: "${"x".repeat(5000)}"`,
  `first | default: ${"'a', ".repeat(200)}'a'`,
  `${"f".repeat(65)}`,
  "first | escape_once",
  "first | default: `a`",
  "first | date: now",
])("1.3 a field is a name with known filters and nothing else: {{ %s }} is refused", (inner) => {
  const read = readExpression(inner);
  // A number is a name by its form: no field has it.
  if (inner === "5") expect(read).toMatchObject({ field: "5" });
  else expect(read).toHaveProperty("message");
});

test("4.1 spaces that don't break and a default in either quotes are what an editor makes of a field", () => {
  for (const inner of [" first ", "\u00a0first\u00a0|\u00a0default:\u00a0'a \"b\"'", 'first|default:"a"|upcase'])
    expect(readExpression(inner)).toHaveProperty("field", "first");
});

test("4.1 an address in the author's own text goes on with a value, made fit for it", async () => {
  const { content, findings } = await compile({
    body: "<p>Hi</p>",
    textPart: "See https://x.example/?id={{ remote_id }}&a={{ first }}, {{ first }}",
  });
  expect(findings.filter(({ severity }) => severity === "blocks")).toEqual([]);
  expect(content.links).toEqual([]);
  const text = createFiller(content.text)(person({ remote_id: "a b&c", first: "x y" }));
  expect(text).toContain("See https://x.example/?id=a%20b%26c&a=x%20y, x y");
});

test("4.5 unsubscribe link, preferences link and postal address stand in every mail, in both parts, once", async () => {
  const all = '<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">u</a> <a href="{{ preferences_url }}">p</a></p>';
  for (const body of ["<p>Hi</p>", "<html><body>Hi</body></html>", all]) {
    const { content } = await compile({ body });
    const [html, text] = [createFiller(content.html)(person()), createFiller(content.text)(person())];
    for (const part of ["https://t/u", "https://t/p", "Town"])
      for (const whole of [html, text]) expect(whole.split(part), `${part} in ${whole}`).toHaveLength(2);
    expect(html).toContain("Town &lt;X&gt;");
  }
});

test("4.1 the postal address is text, wherever somebody puts it", async () => {
  const { content } = await compile({ body: '<p title="{{ postal_address }}">x</p>', subject: "{{ postal_address }}" });
  expect(createFiller(content.html)(person())).toContain('title="1 &quot;Main&quot; St, Town &lt;X&gt;"');
  expect(createFiller(content.subject)(person())).toBe('1 "Main" St, Town <X>');
});

test("4.1 what somebody writes is never taken for a mark of ours", async () => {
  const written = "lsfield0x lsfieldk0x lslink0x lsfieldqk0x";
  const { content } = await compile({ body: `<p>${written} {{ first }} <a href="https://x.example/">x</a></p>` });
  expect(createFiller(content.html)(person({ first: "F" }))).toContain(`${written} F <a href="https://t/c/0">`);
  expect(createFiller(content.text)(person({ first: "F" }))).toContain(`${written} F x <https://t/c/0>`);
});

test("1.3 no text that somebody writes stops the program: it is compiled, or told what is wrong", async () => {
  const bits = fc.constantFrom(
    "<",
    ">",
    "{{",
    "}}",
    "{%",
    '"',
    "'",
    "<a href=",
    "<!--",
    "-->",
    "</",
    "first",
    "|",
    "default:",
    "&quot;",
    "<style>",
    "</p>",
    "<body>",
    "</body>",
    "<title>",
    "\u0000",
    "\ud800",
    "=",
    " ",
    "https://",
    "<![CDATA[",
    "{{ first }}",
    "<svg>",
    "\n",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(bits, fc.string({ maxLength: 3 })), { maxLength: 25 }), async (list) => {
      const text = list.join("");
      const { content } = await compile({ body: text, subject: text, preheader: text, textPart: text });
      for (const pieces of [content.html, content.text, content.subject]) createFiller(pieces)(person({ first: text }));
    }),
    { numRuns: 500 },
  );
  for (const text of naughtyStrings) await compile({ body: text, subject: text, textPart: text });
});
