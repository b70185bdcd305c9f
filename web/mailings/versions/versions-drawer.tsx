import { Drawer, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { api } from "../../api/client.ts";
import { Empty, Loaded } from "../../ui/states.tsx";
import type { Draft } from "../editor/draft.ts";
import { useDraftState } from "../editor/use-draft.ts";
import { VersionList } from "./version-list.tsx";
import { VersionView } from "./version-view.tsx";
import classes from "./versions.module.css";

interface Props {
  readonly draft: Draft;
  readonly mayRestore: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** What stood in the mailing before, over the page where it is written. (product 4.1) */
export function VersionsDrawer({ isOpen, onClose, ...more }: Props) {
  return (
    <Drawer opened={isOpen} onClose={onClose} position="right" size="min(100vw, 76rem)" title="Versions">
      <Versions onClose={onClose} {...more} />
    </Drawer>
  );
}

function Versions({ draft, mayRestore, onClose }: Omit<Props, "isOpen">) {
  const { saved } = useDraftState(draft);
  const [chosen, choose] = useState<number | null>(null);
  const list = useRef<HTMLElement>(null);
  const goBack = () => {
    choose(null);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-number="${chosen}"]`)?.focus());
  };
  // A mailing has a hundred at most: they come on one page.
  const versions = api.useQuery(
    "get",
    "/api/v1/mailings/{id}/versions",
    { params: { path: { id: saved.id }, query: { limit: 100 } } },
    { refetchOnMount: "always" },
  );
  return (
    <Loaded query={versions} lines={10}>
      {({ items }) => {
        const line = items.find(({ number }) => number === chosen);
        if (items.length === 0)
          return (
            <Empty title="No versions yet">
              As soon as something is written here, what stood before is kept: a version for each author and ten
              minutes, for 30 days.
            </Empty>
          );
        return (
          <div className={classes.versions} data-chosen={line !== undefined}>
            <nav ref={list} aria-label="All versions" className={classes.all}>
              <VersionList versions={items} chosen={line?.number ?? null} onChoose={choose} />
              <Text size="xs" c="dimmed" mt="sm">
                What stood here in the past 30 days is kept, up to 100 versions.
              </Text>
            </nav>
            <div className={classes.one}>
              {line ? (
                <VersionView
                  key={line.number}
                  line={line}
                  draft={draft}
                  mayRestore={mayRestore}
                  onBack={goBack}
                  onRestored={onClose}
                />
              ) : (
                <Empty title="Choose a version">You see it as it was, and what differs from now.</Empty>
              )}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
