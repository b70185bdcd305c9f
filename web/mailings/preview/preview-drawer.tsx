import { Drawer } from "@mantine/core";
import type { Draft } from "../editor/draft.ts";
import { useDraftState } from "../editor/use-draft.ts";
import type { Mailing } from "../mailing.ts";
import { PreviewPane } from "./preview-pane.tsx";

interface Props {
  readonly mailing: Mailing;
  readonly draft: Draft;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The mailing as somebody gets it, over the page where it is written. */
export function PreviewDrawer({ mailing: { id }, draft, isOpen, onClose }: Props) {
  const { saved } = useDraftState(draft);
  return (
    <Drawer opened={isOpen} onClose={onClose} position="right" size="min(100vw, 68rem)" title="Preview">
      <PreviewPane id={id} version={saved.version} />
    </Drawer>
  );
}
