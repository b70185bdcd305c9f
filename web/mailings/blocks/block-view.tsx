import { IconPhoto } from "@tabler/icons-react";
import type { Editor } from "@tiptap/react";
import type { CSSProperties } from "react";
import type { Block, BlockOf, Style } from "../document/document.ts";
import classes from "./canvas.module.css";
import { RichText } from "./rich-text.tsx";

interface Props {
  readonly block: Exclude<Block, { kind: "columns" }>;
  readonly style: Style;
  readonly isEditable: boolean;
  readonly onChange: (block: Block) => void;
  readonly onActive: (editor: Editor) => void;
}

/** A block as it will look; texts are written in place. */
export function BlockView({ block, style, isEditable, onChange, onActive }: Props) {
  const text = { isEditable, onActive };
  switch (block.kind) {
    case "heading":
      return (
        <div
          className={`${classes.rich} ${classes.heading}`}
          data-level={block.level}
          style={{ textAlign: block.align }}
        >
          <RichText
            {...text}
            html={block.html}
            shape="line"
            label="Heading"
            placeholder="Heading"
            onChange={(html) => onChange({ ...block, html })}
          />
        </div>
      );
    case "text":
      return (
        <div className={classes.rich} style={{ textAlign: block.align }}>
          <RichText
            {...text}
            html={block.html}
            shape="text"
            label="Text"
            placeholder="Write here"
            onChange={(html) => onChange({ ...block, html })}
          />
        </div>
      );
    case "footer":
      return (
        <div className={`${classes.rich} ${classes.footer}`}>
          <RichText
            {...text}
            html={block.html}
            shape="text"
            label="Footer"
            placeholder="Postal address and unsubscribe link"
            onChange={(html) => onChange({ ...block, html })}
          />
        </div>
      );
    case "image":
      return <PictureView block={block} />;
    case "button":
      return (
        <div style={{ textAlign: block.align }}>
          <span className={classes.button} style={{ background: style.button, color: style.buttonText }}>
            {block.label || "Button"}
          </span>
        </div>
      );
    case "divider":
      return <hr className={classes.divider} />;
    case "spacer":
      return <div style={{ height: block.height }} />;
  }
}

const margins: Record<BlockOf<"image">["align"], CSSProperties> = {
  left: { marginInline: "0 auto" },
  center: { marginInline: "auto" },
  right: { marginInline: "auto 0" },
};

/**
 * One of our own pictures is shown. One of another site's is named: these pages load nothing from outside, the preview
 * does.
 */
function PictureView({ block: { imageId, url, alt, widthPercent, align } }: { readonly block: BlockOf<"image"> }) {
  if (imageId !== null && url !== null) {
    return (
      <img
        src={pathOf(url)}
        alt={alt}
        className={classes.picture}
        style={{ width: `${widthPercent}%`, ...margins[align] }}
      />
    );
  }
  return (
    <div className={classes.empty} style={{ width: `${widthPercent}%`, ...margins[align] }}>
      <IconPhoto size={26} stroke={1.5} aria-hidden />
      {url ? (
        <span>
          Picture of {hostOf(url)}
          <br />
          {alt ? `“${alt}”. ` : ""}The preview shows it.
        </span>
      ) : (
        <span>Choose a picture in its settings</span>
      )}
    </div>
  );
}

/** Of one of our own: these pages may stand under another name than mails say. */
const pathOf = (url: string) => (URL.canParse(url) ? new URL(url).pathname : url);
const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : "another site");
