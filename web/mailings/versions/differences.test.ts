import { describe, expect, test } from "vitest";
import { bodyDifferences, fieldDifferences, type Written } from "./differences.ts";

const text = (id: string, html = "Hello") => ({ id, kind: "text", html, align: "left" });
const body = (blocks: readonly object[], style: object = {}) => JSON.stringify({ version: 1, style, blocks });
const now: Written = {
  fromName: "Association",
  fromAddress: "news@example.org",
  replyTo: "",
  subject: "News",
  preheader: "",
  bodyKind: "blocks",
  body: body([text("a"), text("b")]),
  textPart: null,
};
const told = (then: Partial<Written>, current: Partial<Written> = {}) =>
  bodyDifferences({ ...now, ...then }, { ...now, ...current });

describe("4.1 versions: what differs from the mailing as it stands now", () => {
  test("4.1 lines of the envelope, each as it was and as it is", () => {
    expect(fieldDifferences(now, now)).toEqual([]);
    expect(fieldDifferences({ ...now, subject: "Old", replyTo: "a@example.org" }, now)).toEqual([
      { label: "Subject", was: "Old", now: "News" },
      { label: "Reply to", was: "a@example.org", now: "" },
    ]);
  });

  test("4.1 blocks are told apart by their ids, those in columns too", () => {
    expect(told({})).toEqual([]);
    expect(told({ body: body([text("a", "Dear"), text("c"), text("d")]) })).toEqual([
      "1 block reads differently.",
      "2 blocks of this version are not in the mailing now.",
      "1 block of the mailing now is not in this version.",
    ]);
    const columns = (inside: object) => ({ id: "x", kind: "columns", ratio: "1-1", columns: [[inside], []] });
    expect(told({ body: body([columns(text("a", "Dear"))]) }, { body: body([columns(text("a"))]) })).toEqual([
      "1 block reads differently.",
    ]);
    expect(told({ body: body([text("b"), text("a")]) })).toEqual(["The blocks stand in another order."]);
    expect(told({ body: body([text("a"), text("b")], { link: "#ff0000" }) })).toEqual([
      "Colours, typeface or width differ.",
    ]);
  });

  test("4.1 a body of another kind, code, and the text part are said in a sentence", () => {
    expect(told({ bodyKind: "html", body: "<p>" })).toEqual(["The body was HTML; now it is blocks."]);
    expect(told({ bodyKind: "html", body: "<p>" }, { bodyKind: "html", body: "<b>" })).toEqual(["The body differs."]);
    expect(told({ textPart: "By hand" })).toEqual(["The text part was written by hand; now it is made from the body."]);
    expect(told({}, { textPart: "By hand" })).toEqual([
      "The text part was made from the body; now it is written by hand.",
    ]);
    expect(told({ textPart: "a" }, { textPart: "b" })).toEqual(["The text part differs."]);
  });
});
