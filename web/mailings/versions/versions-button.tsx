import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHistory } from "@tabler/icons-react";
import type { Draft } from "../editor/draft.ts";
import { VersionsDrawer } from "./versions-drawer.tsx";

/** Opens what stood in the mailing before; what is typed is saved first, and is among it. */
export function VersionsButton({ draft, mayRestore }: { readonly draft: Draft; readonly mayRestore: boolean }) {
  const [isOpen, drawer] = useDisclosure(false);
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconHistory size={15} aria-hidden />}
        onClick={() => void draft.save().then(drawer.open)}
      >
        Versions
      </Button>
      <VersionsDrawer draft={draft} mayRestore={mayRestore} isOpen={isOpen} onClose={drawer.close} />
    </>
  );
}
