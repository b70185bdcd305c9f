import { expect, test } from "vitest";
import type { FieldPiece, FrozenContent } from "../frozen-content.ts";
import { markHtml, markText, standInsOf } from "./stand-ins.ts";

const field = (name: string, more: Partial<FieldPiece> = {}): FieldPiece => ({
  kind: "field",
  field: name,
  template: "{{ value }}",
  place: "html",
  ...more,
});
const withDefault = (name: string, text: string, more: Partial<FieldPiece> = {}) =>
  field(name, { template: `{{ value | default: "${text}" }}`, ...more });
const links = { click: () => "#", unsubscribe: "#u", preferences: "#p", pixel: "" };
const maria = { values: { first_name: "Maria", city: " " }, links };
const nobody = { values: {}, links };
const nameOf = (name: string) => ({ first_name: "First name", city: 'City "<b>"' })[name] ?? name;
const content = (pieces: Pick<FrozenContent, "subject" | "html" | "text">): FrozenContent => ({
  fromName: "",
  fromAddress: "",
  replyTo: "",
  links: [],
  fields: [],
  ...pieces,
});

test("4.1 every field that a person lacks is told with what took its place, who said so, and where it stands", () => {
  const mail = content({
    subject: ["Hello ", withDefault("first_name", "friend", { place: "subject" })],
    html: [
      "<p>",
      withDefault("first_name", "friend"),
      ' of <a href="https://example.org/?c=',
      field("city", { place: "url" }),
      '">',
      field("city", { fallback: "Nowhere" }),
      "</a>",
      field("status"),
    ],
    text: [field("first_name", { place: "text" })],
  });
  const city = { field: "city", displayName: 'City "<b>"' };
  expect(standInsOf(mail, nobody, nameOf)).toEqual([
    { field: "first_name", displayName: "First name", text: "friend", from: "mailing", places: ["subject", "body"] },
    { ...city, text: "", from: null, places: ["attribute"] },
    { ...city, text: "Nowhere", from: "field", places: ["body"] },
    { field: "status", displayName: "status", text: "", from: null, places: ["body"] },
    { field: "first_name", displayName: "First name", text: "", from: null, places: ["text_part"] },
  ]);
  expect(standInsOf(mail, maria, nameOf).map(({ field: name }) => name)).toEqual(["city", "city", "status"]);
});

test("4.1 in the HTML what stands in is marked where it stands, its gaps too; attributes are left whole", () => {
  const pieces = [
    "<p>",
    withDefault("first_name", "A & B"),
    field("city"),
    '<a href="',
    field("city", { place: "url" }),
    '">',
  ];
  const html = markHtml(pieces, nobody, nameOf);
  expect(html).toMatch(/^<p><mark style="[^"]*" title="First name: [^"<]*">A &amp; B<\/mark><mark /);
  expect(html).toMatch(
    / title="City &quot;&lt;b&gt;&quot;: [^"<]*">\[City &quot;&lt;b&gt;&quot;: nothing\]<\/mark><a href="">$/,
  );
  expect(markHtml(pieces.slice(0, 2), maria, nameOf)).toBe("<p>Maria");
});

test("4.1 a text comes in parts: those that stand for a value say for which, the others are one", () => {
  const pieces = [
    "Hi ",
    withDefault("first_name", "friend", { place: "text" }),
    ", ",
    field("email", { place: "text" }),
    "!",
  ];
  expect(markText(pieces, { values: { email: "a@b.c" }, links }, nameOf)).toEqual([
    { text: "Hi ", standsFor: null },
    { text: "friend", standsFor: "First name" },
    { text: ", a@b.c!", standsFor: null },
  ]);
  expect(markText(pieces, { ...maria, values: { ...maria.values, email: "a@b.c" } }, nameOf)).toEqual([
    { text: "Hi Maria, a@b.c!", standsFor: null },
  ]);
});
