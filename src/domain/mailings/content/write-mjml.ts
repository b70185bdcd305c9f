import { type Block, type BlockDocument, columnWidths, type PlainBlock } from "./blocks.ts";
import { escapeMarkup } from "./escape.rules.ts";

type Style = BlockDocument["style"];

const fonts: Readonly<Record<Style["font"], string>> = {
  sans: "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
  serif: "Georgia, 'Times New Roman', serif",
};
/** What a picture of the whole width has, in a mail of the usual 600 pixels less its margins. */
const pictureWidth = 552;
const headingSizes = { 1: "28px", 2: "22px", 3: "18px" } as const;

/** Where an image of the account's own is served; null when there is none of this id. */
export type ImageUrl = (id: string) => string | null;

/** A document of blocks as MJML. What people wrote comes escaped, or as rich text that has been looked at. */
export function writeMjml({ style, blocks }: BlockDocument, imageUrl: ImageUrl): string {
  const body = groupRows(blocks)
    .map((row) => writeRow(row, imageUrl))
    .join("");
  return `<mjml><mj-head><mj-attributes>
<mj-all font-family="${fonts[style.font]}" color="${style.text}" />
<mj-text font-size="16px" line-height="1.5" padding="8px 24px" />
<mj-button background-color="${style.button}" color="${style.buttonText}" font-size="16px" border-radius="6px" inner-padding="12px 24px" padding="12px 24px" />
<mj-divider border-width="1px" border-color="#d5dae0" padding="12px 24px" />
<mj-image padding="8px 24px" /><mj-section padding="0" />
</mj-attributes><mj-style inline="inline">a { color: ${style.link}; } p { margin: 0 0 12px; } ul, ol { margin: 0 0 12px; padding-left: 24px; }</mj-style></mj-head>
<mj-body background-color="${style.background}" width="${style.width}px"><mj-wrapper background-color="${style.paper}" padding="16px 0">${body}</mj-wrapper></mj-body></mjml>`;
}

type Row = readonly PlainBlock[] | Extract<Block, { kind: "columns" }>;

/** Blocks that follow each other stand in one column; columns are a row of their own. */
function groupRows(blocks: readonly Block[]): readonly Row[] {
  const rows: (PlainBlock[] | Extract<Block, { kind: "columns" }>)[] = [];
  for (const block of blocks) {
    const last = rows.at(-1);
    if (block.kind === "columns") rows.push(block);
    else if (Array.isArray(last)) last.push(block);
    else rows.push([block]);
  }
  // A mail without anything has a body all the same.
  return rows.length > 0 ? rows : [[{ id: "empty", kind: "spacer", height: 20 }]];
}

function writeRow(row: Row, imageUrl: ImageUrl): string {
  const write = (blocks: readonly PlainBlock[]) => blocks.map((block) => writeBlock(block, imageUrl)).join("");
  if (!("kind" in row)) return `<mj-section><mj-column>${write(row)}</mj-column></mj-section>`;
  const widths = columnWidths[row.ratio];
  const columns = row.columns.map((blocks, at) => `<mj-column width="${widths[at]}">${write(blocks)}</mj-column>`);
  return `<mj-section>${columns.join("")}</mj-section>`;
}

function writeBlock(block: PlainBlock, imageUrl: ImageUrl): string {
  switch (block.kind) {
    case "heading":
      return `<mj-text align="${block.align}" font-size="${headingSizes[block.level]}" line-height="1.25" font-weight="700"><h${block.level} style="margin:0;font:inherit">${block.html}</h${block.level}></mj-text>`;
    case "text":
      return `<mj-text align="${block.align}">${block.html}</mj-text>`;
    case "button":
      return `<mj-button align="${block.align}" href="${escapeMarkup(block.href)}">${escapeMarkup(block.label)}</mj-button>`;
    case "divider":
      return "<mj-divider />";
    case "spacer":
      return `<mj-spacer height="${block.height}px" />`;
    case "footer":
      return `<mj-text align="center" font-size="13px" line-height="1.5" color="#5b6670">${block.html}</mj-text>`;
    case "image":
      return writeImage(block, imageUrl);
  }
}

function writeImage(block: Extract<PlainBlock, { kind: "image" }>, imageUrl: ImageUrl): string {
  const source = (block.imageId === null ? block.url : imageUrl(block.imageId)) ?? "";
  if (source === "") return "";
  const link = block.href === "" ? "" : ` href="${escapeMarkup(block.href)}"`;
  const width = Math.round((block.widthPercent / 100) * pictureWidth);
  return `<mj-image align="${block.align}" width="${width}px" src="${escapeMarkup(source)}" alt="${escapeMarkup(block.alt)}"${link} />`;
}
