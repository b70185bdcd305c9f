import { expect, test } from "vitest";
import {
  allBlocks,
  type BlockDocument,
  type BlockOf,
  changeBlock,
  divideColumns,
  duplicateBlock,
  findBlock,
  insertBlock,
  mayStandIn,
  moveBlock,
  newBlock,
  newDocument,
  placeForNew,
  readDocument,
  removeBlock,
  writeDocument,
} from "./document.ts";

const text = (id: string) => newBlock("text", id);
const columns = (id: string, ...inside: readonly (readonly string[])[]) =>
  ({ ...newBlock("columns", id), columns: inside.map((ids) => ids.map(text)) }) as BlockOf<"columns">;
const { style } = newDocument(() => "x");
const document: BlockDocument = {
  version: 1,
  style,
  blocks: [text("a"), columns("c", ["l1", "l2"], ["r1"]), text("b"), newBlock("footer", "f")],
};
const counter = () => {
  let last = 0;
  return () => {
    last += 1;
    return `n${last}`;
  };
};
const ids = (of: BlockDocument) =>
  of.blocks.map((block) => (block.kind === "columns" ? block.columns.map((one) => one.map(({ id }) => id)) : block.id));
const moved = (id: string, step: -1 | 1) => {
  const next = moveBlock(document, id, step);
  return next && ids(next);
};

test("4.1 a new mailing ends with a footer that has the address and both links", () => {
  const made = newDocument(counter());
  expect(made.blocks.map(({ kind }) => kind)).toEqual(["heading", "text", "footer"]);
  expect(new Set(made.blocks.map(({ id }) => id)).size).toBe(3);
  const footer = made.blocks[2] as BlockOf<"footer">;
  for (const own of ["postal_address", "unsubscribe_url", "preferences_url"]) expect(footer.html).toContain(own);
});

test("4.1 what is written is read again; what is no document is none", () => {
  expect(readDocument(writeDocument(document))).toEqual(document);
  for (const body of ["", "<mjml>", "null", "[]", '{"version":2,"blocks":[]}', '{"version":1}'])
    expect(readDocument(body)).toBeNull();
});

test("4.1 a new block goes behind the chosen one, also within its column; else before the footer", () => {
  expect(placeForNew(document, "a", "text")).toEqual({ in: null, at: 1 });
  expect(placeForNew(document, "l1", "text")).toEqual({ in: { block: "c", column: 0 }, at: 1 });
  expect(placeForNew(document, "l1", "columns")).toEqual({ in: null, at: 2 });
  expect(placeForNew(document, null, "text")).toEqual({ in: null, at: 3 });
  expect(placeForNew(document, "f", "text")).toEqual({ in: null, at: 3 });
  expect(placeForNew(document, "gone", "text")).toEqual({ in: null, at: 3 });
  expect(placeForNew({ ...document, blocks: [] }, null, "footer")).toEqual({ in: null, at: 0 });
});

test("4.1 columns stand in no column", () => {
  const column = { block: "c", column: 1 };
  expect(mayStandIn("columns", column)).toBe(false);
  expect(insertBlock(document, columns("d", [], []), { in: column, at: 0 })).toBe(document);
  expect(ids(insertBlock(document, text("n"), { in: column, at: 0 }))).toEqual([
    "a",
    [
      ["l1", "l2"],
      ["n", "r1"],
    ],
    "b",
    "f",
  ]);
});

test("2.5.7 a block moves by steps: over its neighbour, through the columns, and out of them; never off the end", () => {
  expect(moved("a", 1)).toEqual([[["l1", "l2"], ["r1"]], "a", "b", "f"]);
  expect(moved("b", -1)).toEqual(["a", "b", [["l1", "l2"], ["r1"]], "f"]);
  expect(moved("l1", 1)).toEqual(["a", [["l2", "l1"], ["r1"]], "b", "f"]);
  expect(moved("l2", 1)).toEqual(["a", [["l1"], ["l2", "r1"]], "b", "f"]);
  expect(moved("r1", 1)).toEqual(["a", [["l1", "l2"], []], "r1", "b", "f"]);
  expect(moved("r1", -1)).toEqual(["a", [["l1", "l2", "r1"], []], "b", "f"]);
  expect(moved("l1", -1)).toEqual(["a", "l1", [["l2"], ["r1"]], "b", "f"]);
  expect(moved("a", -1)).toBeNull();
  expect(moved("f", 1)).toBeNull();
  expect(moved("gone", 1)).toBeNull();
});

test("4.1 a block is changed, removed and duplicated wherever it stands; the copy has ids of its own", () => {
  const changed = changeBlock(document, { id: "r1", kind: "text", html: "<p>New</p>", align: "left" });
  expect(findBlock(changed, "r1")).toMatchObject({ html: "<p>New</p>" });
  expect(ids(removeBlock(document, "l2"))).toEqual(["a", [["l1"], ["r1"]], "b", "f"]);
  const createId = counter();
  const doubled = duplicateBlock(document, "c", createId);
  const all = allBlocks(doubled).map(({ id }) => id);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBe(allBlocks(document).length + 4);
  expect(removeBlock(document, "gone")).toBe(document);
});

test("4.1 another division of columns loses no block", () => {
  const three = divideColumns(columns("c", ["l"], ["r"]), "1-1-1");
  expect(three.columns.map((inside) => inside.length)).toEqual([1, 1, 0]);
  const two = divideColumns(columns("c", ["1"], ["2"], ["3"]), "2-1");
  expect(two.columns.map((inside) => inside.map(({ id }) => id))).toEqual([["1"], ["2", "3"]]);
});
