import { expect, test } from "vitest";
import { fieldText, fromChips, toChips, usesIn, withDefaults } from "./fields.ts";

test("4.1 a personal value is written with its default, or without one", () => {
  expect(fieldText({ field: "ind_first_name", fallback: "Friend" })).toBe('{{ ind_first_name | default: "Friend" }}');
  expect(fieldText({ field: "ind_first_name", fallback: "" })).toBe("{{ ind_first_name }}");
});

test("4.1 a default can't end the expression that it stands in", () => {
  const text = fieldText({ field: "a", fallback: 'x" }} {{ b | "<i>\n' });
  expect(usesIn(text)).toEqual([{ field: "a", fallback: expect.any(String) }]);
  expect(text.match(/\}\}/g)).toHaveLength(1);
});

test.each([
  '<p>Dear {{ ind_first_name | default: "Friend" }}, hello</p>',
  "<p>{{ org_name }}</p><p>{{ postal_address }}</p>",
  '<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>',
  '<p>{{ a | default: "Ben &amp; Ana’s" }} &lt;b&gt;</p>',
  "<p>{{ a | upcase }} and {{ 1 + 2 }} and {{</p>",
  '<p>مرحبا {{ ind_first_name | default: "صديق" }} 🎉</p>',
])("4.1 what the editor doesn't change comes back as it was: %s", (html) => {
  // As a browser writes the element back, with the label inside.
  const shown = toChips(html).replaceAll(/(<span data-field[^>]*>)/g, "$1Label");
  expect(fromChips(shown)).toBe(html);
});

test("4.1 uses in addresses stay text: only those that are read become chips", () => {
  expect(toChips('<a href="{{ unsubscribe_url }}">{{ name }}</a>')).toBe(
    '<a href="{{ unsubscribe_url }}"><span data-field="name" data-default=""></span></a>',
  );
  expect(toChips("<p>{{ a | default: 'x' }}</p>")).toContain('data-field="a" data-default="x"');
});

test("4.1 a list shows a subject with its defaults", () => {
  expect(withDefaults('Hello {{ ind_first_name | default: "you" }} of {{ org_name }}')).toBe("Hello you of …");
  expect(withDefaults("{{ a | upcase }}")).toBe("{{ a | upcase }}");
});
