import { z } from "zod";
import { InvalidInputError } from "../../../platform/errors.ts";

const align = z.enum(["left", "center", "right"]);
const color = z.string().regex(/^#[0-9a-fA-F]{6}$/, "is no colour like #1f6feb");
const rich = z.string().max(100_000);
const short = z.string().max(2000);
const id = z.string().min(1).max(64);

const heading = z.strictObject({
  id,
  kind: z.literal("heading"),
  html: rich,
  level: z.literal([1, 2, 3]),
  align,
});
const text = z.strictObject({ id, kind: z.literal("text"), html: rich, align });
const image = z.strictObject({
  id,
  kind: z.literal("image"),
  /** One of the account's own images, or null: then `url`, if any. */
  imageId: z.uuid().nullable(),
  url: short.nullable(),
  alt: short,
  href: short,
  widthPercent: z.number().int().min(1).max(100),
  align,
});
const button = z.strictObject({ id, kind: z.literal("button"), label: short, href: short, align });
const divider = z.strictObject({ id, kind: z.literal("divider") });
const spacer = z.strictObject({ id, kind: z.literal("spacer"), height: z.number().int().min(1).max(400) });
const footer = z.strictObject({ id, kind: z.literal("footer"), html: rich });
const plain = z.discriminatedUnion("kind", [heading, text, image, button, divider, spacer, footer]);

/** How many columns each ratio has, and what part of the width each takes. */
export const columnWidths = {
  "1-1": ["50%", "50%"],
  "1-2": ["33.33%", "66.67%"],
  "2-1": ["66.67%", "33.33%"],
  "1-1-1": ["33.33%", "33.33%", "33.34%"],
} as const;

const columns = z
  .strictObject({
    id,
    kind: z.literal("columns"),
    ratio: z.enum(["1-1", "1-2", "2-1", "1-1-1"]),
    columns: z.array(z.array(plain).max(50)).max(3),
  })
  .refine(
    ({ ratio, columns }) => columns.length === columnWidths[ratio].length,
    "has not as many columns as its ratio",
  );
const block = z.discriminatedUnion("kind", [heading, text, image, button, divider, spacer, footer, columns]);

/** What the visual editor writes: a list of blocks, and how all of them look. */
export const blockDocument = z.strictObject({
  version: z.literal(1),
  style: z.strictObject({
    background: color,
    paper: color,
    text: color,
    link: color,
    button: color,
    buttonText: color,
    font: z.enum(["sans", "serif"]),
    width: z.number().int().min(480).max(700),
  }),
  blocks: z.array(block).max(200),
});

export type BlockDocument = z.infer<typeof blockDocument>;
/** A block that holds no others. */
export type PlainBlock = z.infer<typeof plain>;
export type Block = z.infer<typeof block>;

/** What a new mailing begins with: nothing but what every mailing needs. (product 4.5) */
export const emptyDocument: BlockDocument = {
  version: 1,
  style: {
    background: "#f4f5f7",
    paper: "#ffffff",
    text: "#1f2933",
    link: "#0b57d0",
    button: "#0b57d0",
    buttonText: "#ffffff",
    font: "sans",
    width: 600,
  },
  blocks: [
    {
      id: "footer",
      kind: "footer",
      html: '<p>{{ postal_address }}</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a> · <a href="{{ preferences_url }}">Preferences</a></p>',
    },
  ],
};

/** @throws InvalidInputError naming the block and what is wrong with it */
export function readBlocks(body: string): BlockDocument {
  const parsed = blockDocument.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(
    parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: ["body", ...path].join("."), message })),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError([{ path: "body", message: "is no document of blocks: it isn't even JSON" }], { cause });
  }
}
