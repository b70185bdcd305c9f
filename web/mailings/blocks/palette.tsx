import { useDraggable } from "@dnd-kit/core";
import { Button, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { BlockKind } from "../document/document.ts";
import { blockKinds, blockWords } from "./block-words.ts";
import classes from "./palette.module.css";
import type { Blocks } from "./use-blocks.ts";

/** The blocks that can be added: dragged to their place, or by a click behind the chosen one or into the column that waits. */
export function Palette({ blocks }: { readonly blocks: Blocks }) {
  return (
    <section aria-label="Blocks to add" className={classes.palette}>
      <Text size="xs" fw={600} c="dimmed" className={classes.title ?? ""}>
        Add a block
      </Text>
      {blockKinds.map((kind) => (
        <Kind key={kind} kind={kind} onAdd={() => blocks.add(kind)} />
      ))}
    </section>
  );
}

/** By keyboard it is a plain button: what it adds can be picked up then. */
function Kind({ kind, onAdd }: { readonly kind: BlockKind; readonly onAdd: () => void }) {
  const { label, about, Icon } = blockWords[kind];
  const { setNodeRef, listeners } = useDraggable({ id: `new-${kind}`, data: { kind } });
  return (
    <UnstyledButton
      ref={setNodeRef}
      className={classes.kind ?? ""}
      title={about}
      aria-label={`Add: ${label}`}
      onClick={onAdd}
      {...(listeners?.onPointerDown && { onPointerDown: (event) => listeners.onPointerDown?.(event) })}
    >
      <Icon size={19} stroke={1.6} aria-hidden />
      {label}
    </UnstyledButton>
  );
}

/** The same where there is no room for it. */
export function PaletteMenu({ blocks }: { readonly blocks: Blocks }) {
  return (
    <Menu position="bottom-start" withinPortal returnFocus={false}>
      <Menu.Target>
        <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />}>
          Add a block
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {blockKinds.map((kind) => {
          const { label, about, Icon } = blockWords[kind];
          return (
            <Menu.Item key={kind} leftSection={<Icon size={17} aria-hidden />} onClick={() => blocks.add(kind)}>
              {label}
              <Text size="xs" c="dimmed">
                {about}
              </Text>
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
