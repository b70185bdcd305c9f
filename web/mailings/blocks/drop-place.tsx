import { useDroppable } from "@dnd-kit/core";
import type { ReactNode } from "react";
import type { Place } from "../document/document.ts";
import { nameOfPlace } from "../document/place-block.ts";
import classes from "./drag.module.css";

interface Props {
  readonly place: Place;
  /** The last of its list: takes up the room that a longer neighbour leaves. */
  readonly isLast?: boolean;
  readonly children?: ReactNode;
}

/** Between two blocks: a line, while a block would be put down there. */
export function DropPlace({ place, isLast = false, children }: Props) {
  const { setNodeRef, isOver } = useDroppable({ id: nameOfPlace(place), data: place });
  return (
    <div ref={setNodeRef} className={classes.place} data-over={isOver || undefined} data-last={isLast || undefined}>
      {children}
    </div>
  );
}
