import { expect, test } from "vitest";
import { type BlockDocument, type BlockOf, newBlock, newDocument } from "./document.ts";
import { nameOfPlace, placeBlock, placesFor, placesToMove, wordsOfPlace } from "./place-block.ts";

const text = (id: string) => newBlock("text", id);
const columns: BlockOf<"columns"> = {
  ...(newBlock("columns", "c") as BlockOf<"columns">),
  columns: [[text("l1"), text("l2")], []],
};
const { style } = newDocument(() => "x");
const document: BlockDocument = { version: 1, style, blocks: [text("a"), columns, text("b"), newBlock("footer", "f")] };
const ids = (of: BlockDocument) =>
  of.blocks.map((block) => (block.kind === "columns" ? block.columns.map((one) => one.map(({ id }) => id)) : block.id));
const inColumn = (column: number, at: number) => ({ in: { block: "c", column }, at });
const inDocument = (at: number) => ({ in: null, at });

test("4.1 the places for a text are those between all blocks, read from top to bottom, columns included", () => {
  expect(placesFor(document, "text").map(nameOfPlace)).toEqual([
    "document:0",
    "document:1",
    "c:0:0",
    "c:0:1",
    "c:0:2",
    "c:1:0",
    "document:2",
    "document:3",
    "document:4",
  ]);
});

test("4.1 columns and footers have no place in a column", () => {
  const names = [0, 1, 2, 3, 4].map((at) => `document:${at}`);
  expect(placesFor(document, "columns").map(nameOfPlace)).toEqual(names);
  expect(placesFor(document, "footer").map(nameOfPlace)).toEqual(names);
  expect(placeBlock(document, "f", inColumn(0, 0))).toBe(document);
  expect(placeBlock(document, "c", inColumn(0, 0))).toBe(document);
});

test("4.1 a block's own place is one place to go, not two", () => {
  expect(placesToMove(document, "l1").map(nameOfPlace)).not.toContain("c:0:1");
  expect(placesToMove(document, "l1").map(nameOfPlace)).toContain("c:0:0");
  expect(placesToMove(document, "nobody")).toEqual([]);
});

test.each([
  ["down in its list", "a", inDocument(3), [[["l1", "l2"], []], "b", "a", "f"]],
  ["up in its list", "b", inDocument(0), ["b", "a", [["l1", "l2"], []], "f"]],
  ["into an empty column", "a", inColumn(1, 0), [[["l1", "l2"], ["a"]], "b", "f"]],
  ["between two in a column", "b", inColumn(0, 1), ["a", [["l1", "b", "l2"], []], "f"]],
  ["out of a column", "l1", inDocument(0), ["l1", "a", [["l2"], []], "b", "f"]],
  ["to the end of its own column", "l1", inColumn(0, 2), ["a", [["l2", "l1"], []], "b", "f"]],
  ["from column to column", "l2", inColumn(1, 0), ["a", [["l1"], ["l2"]], "b", "f"]],
  ["with all that stands in it", "c", inDocument(0), [[["l1", "l2"], []], "a", "b", "f"]],
])("4.1 a block is taken %s", (_, id, place, expected) => {
  expect(ids(placeBlock(document, id, place))).toEqual(expected);
});

test("4.1 put down where it was, nothing has changed", () => {
  expect(placeBlock(document, "a", inDocument(0))).toBe(document);
  expect(placeBlock(document, "a", inDocument(1))).toBe(document);
  expect(placeBlock(document, "l2", inColumn(0, 2))).toBe(document);
});

test("4.1 where a block stands is said in words", () => {
  expect(wordsOfPlace(document, "b")).toBe("number 3 of 4");
  expect(wordsOfPlace(document, "l2")).toBe("number 2 of 2 in column 1");
  expect(wordsOfPlace(document, "nobody")).toBe("nowhere");
});
