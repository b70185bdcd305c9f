import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconCopy, IconPlus, IconSettings, IconTrash } from "@tabler/icons-react";
import type { Editor } from "@tiptap/react";
import { type CSSProperties, Fragment, type ReactNode } from "react";
import type { Block, BlockOf } from "../document/document.ts";
import { BlockView } from "./block-view.tsx";
import { blockWords } from "./block-words.ts";
import classes from "./canvas.module.css";
import { DropPlace } from "./drop-place.tsx";
import { Grip } from "./grip.tsx";
import type { Blocks } from "./use-blocks.ts";

export interface CanvasProps {
  readonly blocks: Blocks;
  readonly isEditable: boolean;
  readonly onActive: (editor: Editor) => void;
  /** Opens the settings where they don't stand beside; null where they do. */
  readonly onSettings: (() => void) | null;
}

interface Props extends CanvasProps {
  readonly block: Block;
  /** Where it stands among its neighbours, from 1 on. */
  readonly place: number;
  readonly of: number;
}

/** One block of the canvas: chosen by a click or by focus, moved by its grip, by buttons, or by Alt and the arrow keys. */
export function CanvasBlock(props: Props) {
  const { block, place, of, blocks, isEditable } = props;
  const { label } = blockWords[block.kind];
  const isChosen = blocks.chosen === block.id;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div
      id={`block-${block.id}`}
      role="group"
      aria-label={`${label}, ${place} of ${of}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a block without text is reached by keyboard too
      tabIndex={0}
      className={classes.block}
      data-chosen={isChosen || undefined}
      data-kind={block.kind}
      onFocus={(event) => {
        event.stopPropagation();
        if (!isChosen) blocks.choose(block.id);
      }}
      onMouseDown={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
        if (!isEditable) return;
        if (event.altKey && step) {
          event.preventDefault();
          event.stopPropagation();
          moveKeepingFocus(blocks, block.id, step);
        } else if (event.key === "Delete" && event.target === event.currentTarget) {
          event.stopPropagation();
          blocks.remove(block.id);
        }
      }}
    >
      {isEditable && <Grip id={block.id} name={`${label} ${place}`} />}
      {isEditable && <Tools {...props} name={`${label} ${place}`} />}
      {block.kind === "columns" ? (
        <Columns {...props} block={block} />
      ) : (
        <BlockView
          block={block}
          style={blocks.document.style}
          isEditable={isEditable}
          onChange={blocks.change}
          onActive={props.onActive}
        />
      )}
    </div>
  );
}

/** A moved element loses the focus: it gets it back, the same button of it. */
function moveKeepingFocus(blocks: Blocks, id: string, step: -1 | 1): void {
  const had = document.activeElement?.getAttribute("data-tool");
  blocks.move(id, step);
  requestAnimationFrame(() => {
    const block = document.getElementById(`block-${id}`);
    const again = had ? block?.querySelector<HTMLElement>(`:scope > div > [data-tool="${had}"]`) : null;
    const inside = block?.querySelector<HTMLElement>("[contenteditable=true]");
    (again ?? inside ?? block)?.focus();
    block?.scrollIntoView({ block: "nearest" });
  });
}

function Tools({ block: { id }, blocks, onSettings, name }: Props & { readonly name: string }) {
  return (
    <div className={classes.tools} contentEditable={false}>
      {onSettings && (
        <Tool tool="settings" label={`Settings of ${name}`} onClick={onSettings}>
          <IconSettings size={16} aria-hidden />
        </Tool>
      )}
      <Tool tool="up" label={`Move ${name} up`} onClick={() => moveKeepingFocus(blocks, id, -1)}>
        <IconArrowUp size={16} aria-hidden />
      </Tool>
      <Tool tool="down" label={`Move ${name} down`} onClick={() => moveKeepingFocus(blocks, id, 1)}>
        <IconArrowDown size={16} aria-hidden />
      </Tool>
      <Tool tool="duplicate" label={`Duplicate ${name}`} onClick={() => blocks.duplicate(id)}>
        <IconCopy size={16} aria-hidden />
      </Tool>
      <Tool tool="remove" label={`Remove ${name}`} onClick={() => blocks.remove(id)}>
        <IconTrash size={16} aria-hidden />
      </Tool>
    </div>
  );
}

interface ToolProps {
  readonly tool: string;
  readonly label: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Tool({ tool, label, onClick, children }: ToolProps) {
  return (
    <UnstyledButton className={classes.tool ?? ""} data-tool={tool} aria-label={label} title={label} onClick={onClick}>
      {children}
    </UnstyledButton>
  );
}

const divisions: Record<BlockOf<"columns">["ratio"], string> = {
  "1-1": "1fr 1fr",
  "1-2": "1fr 2fr",
  "2-1": "2fr 1fr",
  "1-1-1": "1fr 1fr 1fr",
};

function Columns({ block, ...props }: Props & { readonly block: BlockOf<"columns"> }) {
  const { blocks } = props;
  const { target } = blocks;
  return (
    <div className={classes.columns} style={{ "--division": divisions[block.ratio] } as CSSProperties}>
      {block.columns.map((inside, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
        <div key={column} className={classes.column}>
          {inside.map((one, at) => (
            <Fragment key={one.id}>
              <DropPlace place={{ in: { block: block.id, column }, at }} />
              <CanvasBlock {...props} block={one} place={at + 1} of={inside.length} />
            </Fragment>
          ))}
          <DropPlace place={{ in: { block: block.id, column }, at: inside.length }} isLast>
            {inside.length === 0 && (
              <UnstyledButton
                className={classes.aim ?? ""}
                disabled={!props.isEditable}
                data-aimed={(target?.in?.block === block.id && target.in.column === column) || undefined}
                onFocus={(event) => event.stopPropagation()}
                onClick={() => blocks.aimAt({ in: { block: block.id, column }, at: 0 })}
              >
                <IconPlus size={15} aria-hidden />
                {target?.in?.block === block.id && target.in.column === column
                  ? "Now choose a block"
                  : `Add to column ${column + 1}`}
              </UnstyledButton>
            )}
          </DropPlace>
        </div>
      ))}
    </div>
  );
}
