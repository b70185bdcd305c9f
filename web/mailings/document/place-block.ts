import {
  type BlockDocument,
  type BlockKind,
  blocksIn,
  findBlock,
  insertBlock,
  mayStandIn,
  type Place,
  placeOf,
  removeBlock,
} from "./document.ts";

/** One place in a word: lists of the same name are the same list. */
export const nameOfPlace = ({ in: list, at }: Place): string =>
  list === null ? `document:${at}` : `${list.block}:${list.column}:${at}`;

/** Every place where a block of this kind may be put, from top to bottom; columns one after the other. */
export function placesFor(document: BlockDocument, kind: BlockKind): readonly Place[] {
  const places: Place[] = [];
  for (const [at, block] of document.blocks.entries()) {
    places.push({ in: null, at });
    if (block.kind !== "columns") continue;
    for (const column of block.columns.keys()) places.push(...placesIn(document, { block: block.id, column }));
  }
  places.push({ in: null, at: document.blocks.length });
  return places.filter((place) => mayStandIn(kind, place.in));
}

function placesIn(document: BlockDocument, list: Place["in"]): readonly Place[] {
  return Array.from({ length: blocksIn(document, list).length + 1 }, (_, at) => ({ in: list, at }));
}

/** Where a block can go: not behind itself, which is where it stands. */
export function placesToMove(document: BlockDocument, id: string): readonly Place[] {
  const block = findBlock(document, id);
  const own = placeOf(document, id);
  if (!block || !own) return [];
  const behindIt = nameOfPlace({ ...own, at: own.at + 1 });
  return placesFor(document, block.kind).filter((place) => nameOfPlace(place) !== behindIt);
}

/**
 * Takes a block to another place, in the document or in a column.
 * @param place as places are counted while the block still stands where it was
 */
export function placeBlock(document: BlockDocument, id: string, place: Place): BlockDocument {
  const block = findBlock(document, id);
  const from = placeOf(document, id);
  if (!block || !from || !mayStandIn(block.kind, place.in)) return document;
  const isSameList = nameOfPlace({ ...from, at: 0 }) === nameOfPlace({ ...place, at: 0 });
  const at = isSameList && place.at > from.at ? place.at - 1 : place.at;
  if (isSameList && at === from.at) return document;
  return insertBlock(removeBlock(document, id), block, { in: place.in, at });
}

/** Where a block stands, in words: "number 2 of 5", "number 1 of 1 in column 2". */
export function wordsOfPlace(document: BlockDocument, id: string): string {
  const place = placeOf(document, id);
  if (!place) return "nowhere";
  const number = `number ${place.at + 1} of ${blocksIn(document, place.in).length}`;
  return place.in === null ? number : `${number} in column ${place.in.column + 1}`;
}
