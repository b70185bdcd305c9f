import {
  IconColumns2,
  IconHeading,
  IconLayoutBottombar,
  IconPhoto,
  type IconProps,
  IconSeparator,
  IconSpacingVertical,
  IconSquareRoundedChevronRight,
  IconTextSize,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { BlockKind } from "../document/document.ts";

interface BlockWords {
  readonly label: string;
  readonly about: string;
  readonly Icon: ComponentType<IconProps>;
}

/** What each kind of block is called, in the order in which one can be added. */
export const blockWords: Readonly<Record<BlockKind, BlockWords>> = {
  heading: { label: "Heading", about: "A line that stands out", Icon: IconHeading },
  text: { label: "Text", about: "Paragraphs, lists and links", Icon: IconTextSize },
  image: { label: "Picture", about: "Uploaded, or by its address", Icon: IconPhoto },
  button: { label: "Button", about: "A link that can't be missed", Icon: IconSquareRoundedChevronRight },
  columns: { label: "Columns", about: "Two or three side by side", Icon: IconColumns2 },
  divider: { label: "Divider", about: "A line across", Icon: IconSeparator },
  spacer: { label: "Space", about: "Room between blocks", Icon: IconSpacingVertical },
  footer: { label: "Footer", about: "Postal address and unsubscribe link", Icon: IconLayoutBottombar },
};

export const blockKinds = Object.keys(blockWords) as readonly BlockKind[];
