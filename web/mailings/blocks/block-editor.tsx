import { ActionIcon, Drawer, Tooltip, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowForwardUp, IconPalette } from "@tabler/icons-react";
import type { Editor } from "@tiptap/react";
import { type CSSProperties, Fragment, useMemo, useState } from "react";
import { findBlock, readDocument, writeDocument } from "../document/document.ts";
import layout from "./block-editor.module.css";
import { BlockSettings } from "./block-settings.tsx";
import classes from "./canvas.module.css";
import { CanvasBlock } from "./canvas-block.tsx";
import { DragArea } from "./drag-area.tsx";
import { DropPlace } from "./drop-place.tsx";
import { FormatBar } from "./format-bar.tsx";
import { Palette, PaletteMenu } from "./palette.tsx";
import { useBlocks } from "./use-blocks.ts";

interface Props {
  readonly body: string;
  readonly isEditable: boolean;
  readonly onChange: (body: string) => void;
}

const fonts = { sans: "Helvetica, Arial, sans-serif", serif: "Georgia, 'Times New Roman', serif" };

/** Blocks to add at the left, the mailing in the middle, settings at the right; on small screens behind buttons. */
export function BlockEditor({ body, isEditable, onChange }: Props) {
  const document = useMemo(() => readDocument(body), [body]);
  if (document === null) return null;
  return <Workbench document={document} isEditable={isEditable} onChange={onChange} />;
}

interface WorkbenchProps extends Pick<Props, "isEditable" | "onChange"> {
  readonly document: NonNullable<ReturnType<typeof readDocument>>;
}

function Workbench({ document, isEditable, onChange }: WorkbenchProps) {
  const blocks = useBlocks(document, (next) => onChange(writeDocument(next)));
  const isWide = useMediaQuery("(min-width: 80em)", true, { getInitialValueInEffect: false });
  const [areSettingsOpen, settings] = useDisclosure(false);
  const [writing, setWriting] = useState<Editor | null>(null);
  const chosen = blocks.chosen === null ? undefined : findBlock(document, blocks.chosen);
  const isText = chosen?.kind === "heading" || chosen?.kind === "text" || chosen?.kind === "footer";
  const { style } = document;
  // In a text its own editor takes back what was typed; beside one, whole steps are.
  useHotkeys(
    isEditable
      ? [
          ["mod+Z", blocks.undo],
          ["mod+shift+Z", blocks.redo],
          ["mod+Y", blocks.redo],
        ]
      : [],
  );
  return (
    <DragArea blocks={blocks}>
      <div className={layout.bench} data-wide={(isWide && isEditable) || undefined}>
        <VisuallyHidden aria-live="polite">{blocks.said}</VisuallyHidden>
        {isWide && isEditable && <Palette blocks={blocks} />}
        <div className={classes.frame}>
          {isEditable && (
            <div className={classes.bar}>
              {!isWide && <PaletteMenu blocks={blocks} />}
              <BarButton label="Undo" isOff={!blocks.canUndo} onClick={blocks.undo}>
                <IconArrowBackUp size={18} aria-hidden />
              </BarButton>
              <BarButton label="Redo" isOff={!blocks.canRedo} onClick={blocks.redo}>
                <IconArrowForwardUp size={18} aria-hidden />
              </BarButton>
              {!isWide && (
                <BarButton
                  label="Style of the mailing"
                  onClick={() => {
                    blocks.choose(null);
                    settings.open();
                  }}
                >
                  <IconPalette size={18} aria-hidden />
                </BarButton>
              )}
              {isText && writing && !writing.isDestroyed && (
                <FormatBar editor={writing} hasLists={chosen.kind !== "heading"} />
              )}
            </div>
          )}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: by keyboard a block is let go by choosing another */}
          <div
            className={classes.ground}
            style={{ background: style.background }}
            onMouseDown={() => blocks.choose(null)}
          >
            {/* biome-ignore lint/a11y/useSemanticElements: no fieldset of a form */}
            <div
              role="group"
              aria-label="The mailing"
              className={classes.paper}
              style={
                {
                  width: style.width,
                  background: style.paper,
                  color: style.text,
                  fontFamily: fonts[style.font],
                  "--mail-link": style.link,
                } as CSSProperties
              }
            >
              {document.blocks.map((block, at) => (
                <Fragment key={block.id}>
                  <DropPlace place={{ in: null, at }} />
                  <CanvasBlock
                    block={block}
                    place={at + 1}
                    of={document.blocks.length}
                    blocks={blocks}
                    isEditable={isEditable}
                    onActive={setWriting}
                    onSettings={isWide ? null : settings.open}
                  />
                </Fragment>
              ))}
              <DropPlace place={{ in: null, at: document.blocks.length }}>
                {document.blocks.length === 0 && <p className={classes.empty}>Add a first block.</p>}
              </DropPlace>
            </div>
          </div>
        </div>
        {isEditable && isWide && (
          <section className={layout.settings} aria-label="Settings">
            <BlockSettings blocks={blocks} />
          </section>
        )}
        {isEditable && !isWide && (
          <Drawer opened={areSettingsOpen} onClose={settings.close} position="right" size="20rem" title="Settings">
            <BlockSettings blocks={blocks} />
          </Drawer>
        )}
      </div>
    </DragArea>
  );
}

interface BarButtonProps {
  readonly label: string;
  readonly isOff?: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

function BarButton({ label, isOff = false, onClick, children }: BarButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} disabled={isOff} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
