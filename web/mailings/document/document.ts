/** A mailing's body as blocks: what the API keeps as JSON. */
export interface BlockDocument {
  readonly version: 1;
  readonly style: Style;
  readonly blocks: readonly Block[];
}

export interface Style {
  readonly background: string;
  readonly paper: string;
  readonly text: string;
  readonly link: string;
  readonly button: string;
  readonly buttonText: string;
  readonly font: "sans" | "serif";
  /** In pixels, 480 to 700. */
  readonly width: number;
}

export type Align = "left" | "center" | "right";
export type Ratio = "1-1" | "1-2" | "2-1" | "1-1-1";

export type Block = { readonly id: string } & (
  | { readonly kind: "heading"; readonly html: string; readonly level: 1 | 2 | 3; readonly align: Align }
  | { readonly kind: "text"; readonly html: string; readonly align: Align }
  | {
      readonly kind: "image";
      readonly imageId: string | null;
      readonly url: string | null;
      readonly alt: string;
      readonly href: string;
      readonly widthPercent: number;
      readonly align: Align;
    }
  | { readonly kind: "button"; readonly label: string; readonly href: string; readonly align: Align }
  | { readonly kind: "divider" }
  | { readonly kind: "spacer"; readonly height: number }
  | { readonly kind: "columns"; readonly ratio: Ratio; readonly columns: readonly (readonly Block[])[] }
  | { readonly kind: "footer"; readonly html: string }
);

export type BlockKind = Block["kind"];
export type BlockOf<Kind extends BlockKind> = Extract<Block, { readonly kind: Kind }>;

/** Where a block stands: in the document itself, or in a column. */
export interface Place {
  readonly in: { readonly block: string; readonly column: number } | null;
  readonly at: number;
}

const firstStyle: Style = {
  background: "#eef2f2",
  paper: "#ffffff",
  text: "#1d242a",
  link: "#17595c",
  button: "#17595c",
  buttonText: "#ffffff",
  font: "sans",
  width: 600,
};

const footerHtml =
  '<p>{{ postal_address }}</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a> · <a href="{{ preferences_url }}">Your preferences</a></p>';

/** A block of this kind, as it is when it is added. */
export function newBlock(kind: BlockKind, id: string): Block {
  switch (kind) {
    case "heading":
      return { id, kind, html: "", level: 1, align: "left" };
    case "text":
      return { id, kind, html: "", align: "left" };
    case "image":
      return { id, kind, imageId: null, url: null, alt: "", href: "", widthPercent: 100, align: "center" };
    case "button":
      return { id, kind, label: "", href: "", align: "center" };
    case "divider":
      return { id, kind };
    case "spacer":
      return { id, kind, height: 24 };
    case "columns":
      return { id, kind, ratio: "1-1", columns: [[], []] };
    case "footer":
      return { id, kind, html: footerHtml };
  }
}

/** What a mailing begins with: a heading, a text, and a footer with what the law asks for. */
export function newDocument(createId: () => string): BlockDocument {
  const blocks = (["heading", "text", "footer"] as const).map((kind) => newBlock(kind, createId()));
  return { version: 1, style: firstStyle, blocks };
}

/** Reads a body; null where it is no document of blocks. An empty one is no document yet. */
export function readDocument(body: string): BlockDocument | null {
  try {
    const found: Partial<BlockDocument> | null = JSON.parse(body);
    if (found?.version !== 1 || !Array.isArray(found.blocks)) return null;
    return { version: 1, style: { ...firstStyle, ...found.style }, blocks: found.blocks };
  } catch {
    return null;
  }
}

export const writeDocument = (document: BlockDocument): string => JSON.stringify(document);

/** Every block, those in columns behind the one that holds them. */
export function allBlocks({ blocks }: Pick<BlockDocument, "blocks">): readonly Block[] {
  return blocks.flatMap((block) => (block.kind === "columns" ? [block, ...block.columns.flat()] : [block]));
}

export const findBlock = (document: BlockDocument, id: string): Block | undefined =>
  allBlocks(document).find((block) => block.id === id);

/** Where this block stands. */
export function placeOf({ blocks }: BlockDocument, id: string): Place | null {
  const at = blocks.findIndex((block) => block.id === id);
  if (at >= 0) return { in: null, at };
  for (const block of blocks) {
    if (block.kind !== "columns") continue;
    for (const [column, inside] of block.columns.entries()) {
      const found = inside.findIndex((one) => one.id === id);
      if (found >= 0) return { in: { block: block.id, column }, at: found };
    }
  }
  return null;
}

/** The blocks of one list: the document's own, or a column's. */
export function blocksIn(document: BlockDocument, list: Place["in"]): readonly Block[] {
  if (list === null) return document.blocks;
  const block = document.blocks.find(({ id }) => id === list.block);
  return (block?.kind === "columns" && block.columns[list.column]) || [];
}

function withList(document: BlockDocument, list: Place["in"], blocks: readonly Block[]): BlockDocument {
  if (list === null) return { ...document, blocks };
  const put = (block: Block): Block =>
    block.id === list.block && block.kind === "columns"
      ? { ...block, columns: block.columns.map((inside, column) => (column === list.column ? blocks : inside)) }
      : block;
  return { ...document, blocks: document.blocks.map(put) };
}

/** Columns stand in no column, and a footer stands only in the document itself. */
export const mayStandIn = (kind: BlockKind, list: Place["in"]): boolean =>
  list === null || (kind !== "columns" && kind !== "footer");

/** Where a new block goes: behind the chosen one; without one at the end, but before the footer. */
export function placeForNew(document: BlockDocument, chosen: string | null, kind: BlockKind): Place {
  const place = chosen === null ? null : placeOf(document, chosen);
  if (place && findBlock(document, chosen ?? "")?.kind !== "footer") {
    if (mayStandIn(kind, place.in)) return { in: place.in, at: place.at + 1 };
    return { in: null, at: (placeOf(document, place.in?.block ?? "")?.at ?? 0) + 1 };
  }
  const { blocks } = document;
  const isBeforeFooter = blocks.at(-1)?.kind === "footer" && kind !== "footer";
  return { in: null, at: isBeforeFooter ? blocks.length - 1 : blocks.length };
}

export function insertBlock(document: BlockDocument, block: Block, place: Place): BlockDocument {
  if (!mayStandIn(block.kind, place.in)) return document;
  return withList(document, place.in, blocksIn(document, place.in).toSpliced(place.at, 0, block));
}

export function removeBlock(document: BlockDocument, id: string): BlockDocument {
  const place = placeOf(document, id);
  if (!place) return document;
  return withList(document, place.in, blocksIn(document, place.in).toSpliced(place.at, 1));
}

export function changeBlock(document: BlockDocument, changed: Block): BlockDocument {
  const place = placeOf(document, changed.id);
  if (!place) return document;
  return withList(document, place.in, blocksIn(document, place.in).with(place.at, changed));
}

/** One step up or down; at the end of a column into the next one, and out of the last. Null where there is no way. */
export function moveBlock(document: BlockDocument, id: string, step: -1 | 1): BlockDocument | null {
  const block = findBlock(document, id);
  const place = placeOf(document, id);
  const target = place && nextPlace(document, place, step);
  return block && target ? insertBlock(removeBlock(document, id), block, target) : null;
}

function nextPlace(document: BlockDocument, { in: list, at }: Place, step: -1 | 1): Place | null {
  const to = at + step;
  if (to >= 0 && to < blocksIn(document, list).length) return { in: list, at: to };
  if (list === null) return null;
  const column = list.column + step;
  const holder = document.blocks.findIndex(({ id }) => id === list.block);
  const columns = document.blocks[holder];
  const inside = columns?.kind === "columns" ? columns.columns[column] : undefined;
  if (inside) return { in: { block: list.block, column }, at: step === 1 ? 0 : inside.length };
  return { in: null, at: step === 1 ? holder + 1 : holder };
}

/** The same once more, behind it. */
export function duplicateBlock(document: BlockDocument, id: string, createId: () => string): BlockDocument {
  const block = findBlock(document, id);
  const place = placeOf(document, id);
  if (!block || !place) return document;
  return insertBlock(document, renewed(block, createId), { in: place.in, at: place.at + 1 });
}

function renewed(block: Block, createId: () => string): Block {
  if (block.kind !== "columns") return { ...block, id: createId() };
  const columns = block.columns.map((inside) => inside.map((one) => ({ ...one, id: createId() })));
  return { ...block, id: createId(), columns };
}

export const columnCount = (ratio: Ratio): number => ratio.split("-").length;

/** Another division. What stood in a column that goes moves to the last one that stays. */
export function divideColumns(block: BlockOf<"columns">, ratio: Ratio): BlockOf<"columns"> {
  const count = columnCount(ratio);
  const columns = Array.from({ length: count }, (_, at) =>
    at < count - 1 ? (block.columns[at] ?? []) : block.columns.slice(at).flat(),
  );
  return { ...block, ratio, columns };
}
