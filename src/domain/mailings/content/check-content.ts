import type { Check, Mailing } from "../mailing.ts";
import { ok, warning } from "./check.ts";
import type { Compiled } from "./compile-content.ts";
import { encodedBytes, gmailCutsAt, nearCut } from "./encoded-size.rules.ts";
import { createFiller, type FillPerson } from "./fill.ts";
import { has } from "./pieces.ts";

/** Somebody of whom nothing is known, with addresses as long as real ones. */
const nobody: FillPerson = {
  values: {},
  links: {
    click: () => "x".repeat(80),
    unsubscribe: "x".repeat(80),
    preferences: "x".repeat(80),
    pixel: "x".repeat(80),
  },
};

/** What is found out about a mailing by reading it. Call it with no transaction open: it fills the whole mail once. */
export function checkContent(mailing: Mailing, { content, findings }: Compiled): readonly Check[] {
  const found = findings.map(({ code, severity, message, wayOut }): Check => ({ code, severity, message, wayOut }));
  const isBodyWell = !findings.some(({ path, severity }) => path === "body" && severity === "blocks");
  const html = createFiller(content.html)(nobody);
  return [
    ...found,
    ...(isBodyWell ? [ok("body", "The body can be read by mail programs.")] : []),
    ...(content.fields.length > 0 && !findings.some(({ code }) => code === "unknown_field" || code === "invalid_field")
      ? [ok("fields", `Every field is known: ${content.fields.join(", ")}.`)]
      : []),
    has(content.html, "unsubscribe") && mailing.body.includes("unsubscribe_url")
      ? ok("unsubscribe", "It has an unsubscribe link.")
      : ok("unsubscribe", "An unsubscribe link is added at its end."),
    checkSize(encodedBytes(html)),
    mailing.textPart === null
      ? ok("text_part", "The text part is made from the body.")
      : mailing.textPart.trim() === ""
        ? warning("text_part", "The text part is empty.", "Have it made from the body again, or write one.")
        : ok("text_part", "It has a text part of its own."),
  ];
}

function checkSize(bytes: number): Check {
  const size = `${Math.ceil(bytes / 1024)} KB`;
  if (bytes > gmailCutsAt)
    return warning(
      "size",
      `Its HTML comes to ${size}: Gmail cuts what is behind 102 KB.`,
      "Shorten it, or leave out pasted styles.",
    );
  if (bytes > nearCut)
    return warning("size", `Its HTML comes to ${size}; Gmail cuts what is behind 102 KB.`, "Keep it from growing.");
  return ok("size", `Its HTML comes to ${size}.`);
}
