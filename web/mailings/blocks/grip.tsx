import { useDraggable } from "@dnd-kit/core";
import { UnstyledButton } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import classes from "./drag.module.css";

interface Props {
  readonly id: string;
  readonly name: string;
}

/** What a block is taken hold of by. */
export function Grip({ id, name }: Props) {
  const { setNodeRef, listeners, attributes, isDragging } = useDraggable({
    id,
    data: { block: id },
    attributes: { roleDescription: "draggable block" },
  });
  return (
    <UnstyledButton
      ref={setNodeRef}
      className={classes.grip ?? ""}
      data-tool="grip"
      data-dragging={isDragging || undefined}
      title="Drag it to another place; by keyboard: Space, then the arrow keys"
      {...attributes}
      {...listeners}
      aria-label={`Drag ${name}`}
    >
      <IconGripVertical size={16} aria-hidden />
    </UnstyledButton>
  );
}
