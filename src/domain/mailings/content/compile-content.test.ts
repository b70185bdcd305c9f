import fc from "fast-check";
import { expect, test } from "vitest";
import { naughtyStrings } from "../../../../test/harness/naughty-strings.ts";
import { emptyDocument } from "./blocks.ts";
import { compileContent, type Written } from "./compile-content.ts";
import { createFiller, type FillPerson } from "./fill.ts";
import type { KnownField } from "./known-fields.ts";
import { scanHtml } from "./scan-html.ts";

const field = (name: string, more: Partial<KnownField> = {}): KnownField => ({
  name,
  displayName: name,
  defaultValue: "",
  comment: "",
  isKept: true,
  isValid: true,
  isReserved: false,
  ...more,
});
const known = new Map(
  [
    field("first"),
    field("city", { defaultValue: "your town" }),
    field("secret", { isValid: false }),
    ...["unsubscribe_url", "preferences_url", "postal_address"].map((name) => field(name, { isReserved: true })),
  ].map((one) => [one.name, one]),
);
const ground = {
  known,
  postalAddress: "Association of Tests\n1 Main Street & Co",
  publicUrl: "https://here",
  language: "en",
};
const plain: Written = {
  fromName: "Tests",
  fromAddress: "news@example.org",
  replyTo: "",
  subject: "Hello",
  preheader: "",
  bodyKind: "html",
  body: "<p>Hello</p>",
  textPart: null,
};
const compile = (written: Partial<Written>) =>
  compileContent({ ...plain, ...written }, ground, (id) => `https://here/images/${id}/image`);
const person = (values: Record<string, string> = {}): FillPerson => ({
  values,
  links: {
    click: (link) => `https://t/c/${link}`,
    unsubscribe: "https://t/u",
    preferences: "https://t/p",
    pixel: "https://t/o.gif",
  },
});
const blocks = (html: string, more: readonly object[] = []) =>
  JSON.stringify({
    ...emptyDocument,
    blocks: [{ id: "a", kind: "text", html, align: "left" }, ...more, ...emptyDocument.blocks],
  });
const codes = (findings: readonly { code: string; severity: string }[]) =>
  findings.filter(({ severity }) => severity === "blocks").map(({ code }) => code);

test("4.1 blocks become a mail with a person's values, tracked links, an unsubscribe link and the postal address", async () => {
  const body = blocks(
    '<p>Dear {{ first | default: "friend" }} of {{ city }}, <a href="https://example.org/a?b=1&amp;c=2">read <b>on</b></a></p>',
    [
      { id: "b", kind: "button", label: "Come, {{ first }}", href: "https://example.org/join", align: "center" },
      {
        id: "c",
        kind: "image",
        imageId: null,
        url: "https://example.org/a.png",
        alt: "{{ first }}'s badge",
        href: "",
        widthPercent: 50,
        align: "left",
      },
    ],
  );
  const { content, findings } = await compile({
    bodyKind: "blocks",
    body,
    subject: "For {{ first }}",
    preheader: "News for {{ city }}",
  });
  expect(codes(findings)).toEqual([]);
  expect(content.links).toEqual([
    { url: "https://example.org/a?b=1&c=2", label: "read on" },
    { url: "https://example.org/join", label: "Come, {{ first }}" },
  ]);
  expect(content.fields).toEqual(["first", "city"]);
  const html = createFiller(content.html)(person({ first: "<Zoë>" }));
  expect(html).toContain('Dear &lt;Zoë&gt; of your town, <a href="https://t/c/0"');
  expect(html).toContain("Association of Tests<br>1 Main Street &amp; Co");
  expect(html).toContain('href="https://t/u"');
  expect(html).toContain("News for your town");
  expect(html).toContain('alt="&lt;Zoë&gt;&#39;s badge"');
  expect(html).toMatch(/<img src="https:\/\/t\/o.gif"[^>]*>\s*<\/body>/);
  expect(html).not.toContain("lsfield");
  const text = createFiller(content.text)(person());
  expect(text).toContain("Dear friend of your town, read on <https://t/c/0>");
  expect(text).toContain("Unsubscribe <https://t/u>");
  expect(text).toContain("1 Main Street & Co");
  expect(createFiller(content.subject)(person({ first: "A\r\nBcc: x" }))).toBe("For A Bcc: x");
});

test.for([
  ["", "https://example.org", "A button says nothing."],
  ["Register", "", "The button 'Register' leads nowhere."],
])("4.1 a button '%s' to '%s' is not finished: %s", async ([label = "", href = "", message]) => {
  const button = { id: "b", kind: "button", label, href, align: "left" };
  const body = JSON.stringify({ ...emptyDocument, blocks: [button, ...emptyDocument.blocks] });
  const { findings } = await compile({ bodyKind: "blocks", body });
  expect(findings).toMatchObject([{ path: "body", severity: "blocks", message }]);
});

test("4.5 what every mail needs is added where it is missing, before the body ends", async () => {
  const { content } = await compile({ body: "<html><body><p>Hi</p></body></html>", textPart: "Hi" });
  const html = createFiller(content.html)(person());
  expect(html).toMatch(/Association of Tests<br>.*<a href="https:\/\/t\/u".*<\/body><\/html>/s);
  expect(createFiller(content.text)(person())).toBe(
    "Hi\n\nAssociation of Tests\n1 Main Street & Co\n\nUnsubscribe: https://t/u\n\nPreferences: https://t/p\n",
  );
});

test("4.1 an own text part keeps its fields, and its links are the body's where they lead to the same", async () => {
  const { content, findings } = await compile({
    body: '<a href="https://example.org/x">x</a>',
    textPart: "{{ first | upcase }}: https://example.org/x, https://example.org/y. {{ unsubscribe_url }}",
  });
  expect(codes(findings)).toEqual([]);
  expect(createFiller(content.text)(person({ first: "a" }))).toContain("A: https://t/c/0, https://t/c/1. https://t/u");
});

test.each([
  ["an unknown field", { body: "{{ frist }}" }, "unknown_field"],
  ["a field that is not valid", { body: "{{ secret }}" }, "invalid_field"],
  ["a field in the subject that there isn't", { subject: "{{ nope }}" }, "unknown_field"],
  ["an unclosed field", { body: "{{ first " }, "field_unclosed"],
  ["a tag of Liquid's", { body: "{% for x in y %}" }, "tag"],
  ["a filter that there isn't", { body: "{{ first | raw }}" }, "unknown_filter"],
  ["curly quotes", { body: "{{ first | default: “x” }}" }, "curly_quotes"],
  ["a field in a style", { body: "<style>{{ first }}</style>" }, "field_out_of_place"],
  ["a field in a style attribute", { body: '<p style="color:{{ first }}">' }, "field_out_of_place"],
  ["a field in a comment", { body: "<!-- {{ first }} -->" }, "field_out_of_place"],
  ["a field as a tag's name", { body: "<{{ first }}>" }, "field_out_of_place"],
  ["a field as a site's name", { body: '<a href="https://{{ first }}/">x</a>' }, "field_in_link"],
  ["a field as a scheme", { body: '<a href="{{ first }}:x">x</a>' }, "field_in_link"],
  ["a script", { body: "<script>alert(1)</script>" }, "refused_tag"],
  ["a form", { body: "<form action=https://x.example><input></form>" }, "refused_tag"],
  ["an event", { body: "<img src=https://x.example/y onerror=alert(1)>" }, "refused_attribute"],
  ["a script's address", { body: '<a href="java\tscript:alert(1)">x</a>' }, "refused_address"],
  ["a data page", { body: '<a href="data:text/html,x">x</a>' }, "refused_address"],
  ["a refresh", { body: '<meta http-equiv="refresh" content="0;url=https://x.example">' }, "refused_tag"],
  ["an import of styles", { body: "<style>@import 'https://x.example/a.css';</style>" }, "refused_style"],
  ["a script for Outlook", { body: "<!--[if mso]><script>x</script><![endif]-->" }, "refused_tag"],
  ["a link nowhere", { body: '<a href="">x</a>' }, "link_nowhere"],
  ["a relative link", { body: '<a href="/join">x</a>' }, "link_nowhere"],
  ["a tag that is cut off", { body: "<p>Hello <a href=" }, "unfinished_html"],
  [
    "MJML that includes a file",
    { bodyKind: "mjml", body: '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>' },
    "refused_tag",
  ],
  [
    "MJML's raw HTML",
    { bodyKind: "mjml", body: "<mjml><mj-body><mj-raw><script>x</script></mj-raw></mj-body></mjml>" },
    "refused_tag",
  ],
  ["MJML that isn't", { bodyKind: "mjml", body: "hello" }, "mjml_unreadable"],
  [
    "MJML with a tag in the wrong place",
    { bodyKind: "mjml", body: "<mjml><mj-body><mj-text>x</mj-text></mj-body></mjml>" },
    "mjml_mistake",
  ],
  [
    "a text block that ends its block",
    { bodyKind: "blocks", body: blocks("</mj-text><mj-raw>x</mj-raw>") },
    "refused_tag",
  ],
  ["a text block with an image of its own", { bodyKind: "blocks", body: blocks("<img src=x>") }, "refused_tag"],
  ["no document of blocks", { bodyKind: "blocks", body: "{}" }, "blocks_unreadable"],
] as const)("4.1 %s can't be sent, and the finding says so", async (_, written, code) => {
  expect(codes((await compile(written)).findings)).toContain(code);
});

test("4.1 what Outlook needs is kept to the letter; ordinary HTML comes out as it went in", async () => {
  const body =
    "<!DOCTYPE html><html><body><!--[if mso]><table><tr><td><![endif]--><p CLASS=x>a &amp; b</p><!--[if mso]></td></tr></table><![endif]-->{{ unsubscribe_url }}{{ postal_address }}</body></html>";
  const { content, findings } = await compile({ body });
  expect(codes(findings)).toEqual([]);
  const [before = ""] = content.html;
  expect(before).toBe(body.slice(0, body.indexOf("{{")));
});

test("1.3 no value changes the tags of a mail: in texts, attributes, links and the text part", async () => {
  const body =
    '<p title="{{ first }}">{{ first }}</p><a href="https://example.org/{{ first }}?a={{ first }}">{{ first }}</a><a href={{ first }}>x</a><img src="https://example.org/a.png" alt="{{ first }}">';
  const { content, findings } = await compile({ body, subject: "{{ first }}" });
  expect(codes(findings)).toEqual([]);
  const fill = createFiller(content.html);
  const shape = (html: string) =>
    scanHtml(html).flatMap((part) =>
      part.kind === "open"
        ? [`<${part.name} ${part.attributes.map(({ name }) => name).join(" ")}>`]
        : part.kind === "text"
          ? []
          : [part.kind],
    );
  const expected = shape(fill(person({ first: "x" })));
  const check = (value: string) => {
    const html = fill(person({ first: value }));
    expect(shape(html), value).toEqual(expected);
    expect(html).not.toMatch(/href="?\s*(javascript|data|vbscript):/i);
    expect(createFiller(content.subject)(person({ first: value }))).not.toMatch(/[\r\n\0]/);
  };
  for (const value of [
    ...naughtyStrings,
    "{{ city }}",
    "javascript:alert(1)",
    'https://evil.example/" onclick=x',
    "x' onmouseover='y",
  ])
    check(value);
  fc.assert(fc.property(fc.string({ unit: "binary" }), check));
  expect(createFiller(content.html)(person({ first: "{{ city }}" }))).toContain("{{ city }}");
});
