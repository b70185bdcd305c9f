import { useCallback, useRef, useState } from "react";
import {
  type Block,
  type BlockDocument,
  type BlockKind,
  changeBlock,
  duplicateBlock,
  findBlock,
  insertBlock,
  moveBlock,
  newBlock,
  type Place,
  placeForNew,
  placeOf,
  removeBlock,
  type Style,
} from "../document/document.ts";
import { newId } from "../document/new-id.ts";
import { placeBlock } from "../document/place-block.ts";
import { blockWords } from "./block-words.ts";

const mostSteps = 100;
/** Typing in one block within this time is one step to take back. */
const togetherMs = 1500;

interface Steps {
  readonly past: readonly BlockDocument[];
  readonly future: readonly BlockDocument[];
}

export type Blocks = ReturnType<typeof useBlocks>;

/** What can be done with a document: each act is one step that can be taken back, and is said aloud. */
export function useBlocks(document: BlockDocument, onChange: (document: BlockDocument) => void) {
  const [chosen, choose] = useState<string | null>(null);
  /** An empty column that the next block goes into. */
  const [target, setTarget] = useState<Place | null>(null);
  const [said, say] = useState("");
  const [steps, setSteps] = useState<Steps>({ past: [], future: [] });
  const typing = useRef({ id: "", at: 0 });
  const current = useRef(document);
  current.current = document;

  const put = useCallback(
    (next: BlockDocument, isTyping = false) => {
      const before = current.current;
      if (next === before) return;
      if (!isTyping) setSteps(({ past }) => ({ past: [...past, before].slice(-mostSteps), future: [] }));
      current.current = next;
      onChange(next);
    },
    [onChange],
  );
  const isSameTyping = (id: string) => {
    const now = Date.now();
    const isSame = typing.current.id === id && now - typing.current.at < togetherMs;
    typing.current = { id, at: now };
    return isSame;
  };
  const nameOf = (id: string) => {
    const block = findBlock(current.current, id);
    return block ? blockWords[block.kind].label : "Block";
  };
  const focusBlock = (id: string) =>
    requestAnimationFrame(() => {
      const element = window.document.getElementById(`block-${id}`);
      (element?.querySelector<HTMLElement>("[contenteditable=true]") ?? element)?.focus();
      element?.scrollIntoView({ block: "nearest" });
    });

  return {
    document,
    chosen: chosen !== null && findBlock(document, chosen) ? chosen : null,
    target,
    said,
    choose(id: string | null) {
      choose(id);
      setTarget(null);
    },
    aimAt(place: Place) {
      choose(null);
      setTarget(place);
      say("The next block goes into this column.");
    },
    /** @param place where it was dropped; without one, into the column that waits or behind the chosen block */
    add(kind: BlockKind, place?: Place) {
      const block = newBlock(kind, newId());
      const isAimed = target !== null && kind !== "columns" && kind !== "footer";
      const aim = place ?? (isAimed ? target : placeForNew(current.current, chosen, kind));
      put(insertBlock(current.current, block, aim));
      choose(block.id);
      setTarget(null);
      say(`${blockWords[kind].label} added.`);
      focusBlock(block.id);
    },
    change: (block: Block) => put(changeBlock(current.current, block), isSameTyping(block.id)),
    changeStyle: (style: Style) => put({ ...current.current, style }, isSameTyping("style")),
    move(id: string, step: -1 | 1) {
      const next = moveBlock(current.current, id, step);
      if (!next) return say(`${nameOf(id)} is ${step === 1 ? "the last" : "the first"} already.`);
      put(next);
      const place = placeOf(next, id);
      say(`${nameOf(id)} moved ${step === 1 ? "down" : "up"}, now number ${(place?.at ?? 0) + 1}.`);
    },
    placeOf: (id: string) => placeOf(current.current, id),
    /** Dropped there; what was dragged says so itself. */
    place: (id: string, place: Place) => put(placeBlock(current.current, id, place)),
    duplicate(id: string) {
      put(duplicateBlock(current.current, id, newId));
      say(`${nameOf(id)} duplicated.`);
    },
    remove(id: string) {
      say(`${nameOf(id)} removed. Undo brings it back.`);
      put(removeBlock(current.current, id));
      choose(null);
    },
    canUndo: steps.past.length > 0,
    canRedo: steps.future.length > 0,
    undo() {
      const before = steps.past.at(-1);
      if (!before) return;
      setSteps({ past: steps.past.slice(0, -1), future: [current.current, ...steps.future] });
      put(before, true);
      say("Undone.");
    },
    redo() {
      const [after, ...future] = steps.future;
      if (!after) return;
      setSteps({ past: [...steps.past, current.current], future });
      put(after, true);
      say("Done again.");
    },
  };
}
