import {
  type Announcements,
  type CollisionDetection,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  type DragStartEvent,
  KeyboardSensor,
  MeasuringStrategy,
  PointerSensor,
  type ScreenReaderInstructions,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { type ReactNode, type RefObject, useRef, useState } from "react";
import { type BlockKind, findBlock, insertBlock, newBlock, type Place } from "../document/document.ts";
import { nameOfPlace, placeBlock, placesFor, placesToMove, wordsOfPlace } from "../document/place-block.ts";
import { blockWords } from "./block-words.ts";
import classes from "./drag.module.css";
import type { Blocks } from "./use-blocks.ts";

/** What is dragged: a block that stands in the mailing, or one to add. */
export type Dragged = { readonly block: string } | { readonly kind: BlockKind };

const instructions: ScreenReaderInstructions = {
  draggable:
    "Press Space to pick the block up, the arrow keys to choose its place, Space again to put it down, Escape to leave it where it was.",
};

interface Props {
  readonly blocks: Blocks;
  readonly children: ReactNode;
}

/** Blocks are dragged here: by mouse, by finger, and by Space and the arrow keys. One drop is one step to take back. */
export function DragArea({ blocks, children }: Props) {
  const { document } = blocks;
  const [dragged, setDragged] = useState<Dragged | null>(null);
  /** By keyboard one goes from place to place: which of them. Null while a pointer drags. */
  const reached = useRef<string | null>(null);
  const hasMoved = useRef(false);
  const placesOf = (what: Dragged): readonly Place[] =>
    "block" in what ? placesToMove(document, what.block) : placesFor(document, what.kind);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, {
      scrollBehavior: "auto",
      coordinateGetter(event, { context }) {
        const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.code];
        // Read from what is dragged, not from the state: this function is the one of the render before the drag.
        const what = context.active?.data.current as Dragged | undefined;
        if (step === undefined || !what) return undefined;
        event.preventDefault();
        const names = placesOf(what).map(nameOfPlace);
        const next = names[names.indexOf(reached.current ?? "") + step];
        const rect = next === undefined ? undefined : context.droppableRects.get(next);
        if (next === undefined || !rect) return undefined;
        reached.current = next;
        return { x: rect.left, y: rect.top };
      },
    }),
  );
  const nearest: CollisionDetection = (found) => {
    if (!dragged) return [];
    if (!found.pointerCoordinates) return reached.current === null ? [] : [{ id: reached.current }];
    const near = nearestPlace(placesOf(dragged), found.pointerCoordinates, found.droppableRects);
    return near === null ? [] : [{ id: near }];
  };
  const start = ({ active, activatorEvent }: DragStartEvent) => {
    const what = active.data.current as Dragged;
    setDragged(what);
    hasMoved.current = false;
    const own = "block" in what ? blocks.placeOf(what.block) : null;
    reached.current = activatorEvent instanceof KeyboardEvent && own ? nameOfPlace(own) : null;
  };
  const end = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    const place = over?.data.current as Place | undefined;
    const what = active.data.current as Dragged;
    if (!place) return;
    if ("block" in what) {
      blocks.place(what.block, place);
      focusGrip(what.block);
    } else blocks.add(what.kind, place);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={nearest}
      // Nothing moves before the drop: what was measured at its beginning holds until its end.
      measuring={{ droppable: { strategy: MeasuringStrategy.BeforeDragging } }}
      accessibility={{
        announcements: announcementsFor(blocks, hasMoved),
        screenReaderInstructions: instructions,
        restoreFocus: false,
      }}
      onDragStart={start}
      onDragEnd={end}
      onDragCancel={({ active }) => {
        setDragged(null);
        const what = active.data.current as Dragged;
        if ("block" in what) focusGrip(what.block);
      }}
    >
      {children}
      <DragOverlay dropAnimation={null}>{dragged && <Shadow kind={kindOf(blocks, dragged)} />}</DragOverlay>
    </DndContext>
  );
}

/** What is under the pointer while it drags: small, so that the places stay in sight. */
function Shadow({ kind }: { readonly kind: BlockKind }) {
  const { label, Icon } = blockWords[kind];
  return (
    <div className={classes.shadow}>
      <Icon size={17} stroke={1.6} aria-hidden />
      {label}
    </div>
  );
}

type Rects = Parameters<CollisionDetection>[0]["droppableRects"];

/** Beyond the canvas by more than this, in pixels, a block is dropped nowhere. */
const besideCanvas = 90;

/** The place whose line is nearest above or below the pointer; one of the column under it before the document's own. */
function nearestPlace(places: readonly Place[], { x, y }: { x: number; y: number }, rects: Rects): string | null {
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const place of places) {
    const name = nameOfPlace(place);
    const rect = rects.get(name);
    const beside = place.in === null ? besideCanvas : 0;
    if (!rect || x < rect.left - beside || x > rect.right + beside) continue;
    const distance = Math.max(rect.top - y, y - rect.bottom, 0) + (place.in === null ? 1 : 0);
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance < 400 ? best.name : null;
}

const kindOf = ({ document }: Blocks, what: Dragged): BlockKind =>
  "kind" in what ? what.kind : (findBlock(document, what.block)?.kind ?? "text");

/** What a screen reader says of each step. */
function announcementsFor(blocks: Blocks, hasMoved: RefObject<boolean>): Announcements {
  const { document } = blocks;
  const nameOf = (what: Dragged) => blockWords[kindOf(blocks, what)].label;
  const wordsOf = (what: Dragged, place: Place) => {
    if ("block" in what) return wordsOfPlace(placeBlock(document, what.block, place), what.block);
    return wordsOfPlace(insertBlock(document, newBlock(what.kind, "new"), place), "new");
  };
  return {
    onDragStart({ active }) {
      const what = active.data.current as Dragged;
      const from = "block" in what ? `, ${wordsOfPlace(document, what.block)}` : "";
      return `${nameOf(what)} picked up${from}.`;
    },
    onDragOver({ active, over }) {
      const what = active.data.current as Dragged;
      const place = over?.data.current as Place | undefined;
      // Where it was picked up has just been said.
      const isOwn = place && "block" in what && placeBlock(document, what.block, place) === document;
      if (isOwn && !hasMoved.current) return undefined;
      hasMoved.current = true;
      return place ? `Here it becomes ${wordsOf(what, place)}.` : "It can't be put down here.";
    },
    onDragEnd({ active, over }) {
      const what = active.data.current as Dragged;
      const place = over?.data.current as Place | undefined;
      return place ? `${nameOf(what)} put down, ${wordsOf(what, place)}.` : `${nameOf(what)} stays where it was.`;
    },
    onDragCancel: ({ active }) => `${nameOf(active.data.current as Dragged)} stays where it was.`,
  };
}

/** A block that moved is another element by then. */
function focusGrip(id: string): void {
  requestAnimationFrame(() => {
    const block = window.document.getElementById(`block-${id}`);
    block?.querySelector<HTMLElement>(":scope > [data-tool=grip]")?.focus();
    block?.scrollIntoView({ block: "nearest" });
  });
}
