import { Button, Card, Group, Select, Text } from "@mantine/core";
import { useMay } from "../../api/me.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { folderChoices } from "./folder-paths.ts";
import { useGroupActions } from "./group-actions.ts";
import type { Folder } from "./search.ts";

interface SelectedProps {
  readonly ids: readonly string[];
  readonly folders: readonly Folder[];
  readonly isBin: boolean;
  readonly onDone: () => void;
}

/** What can be done with the chosen groups, which stay chosen over pages. */
export function SelectedGroups({ ids, folders, isBin, onDone }: SelectedProps) {
  const mayRequest = useMay("syncs:request");
  const actions = useGroupActions();
  const { count } = useNumbers();
  const then = (act: () => unknown) => () => {
    void act();
    onDone();
  };
  return (
    <Card padding="sm" role="group" aria-label="Chosen groups">
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {count(ids.length)} chosen
        </Text>
        {isBin ? (
          <Button size="xs" variant="default" onClick={then(() => actions.bringBack(ids))}>
            Bring back
          </Button>
        ) : (
          <>
            {mayRequest && (
              <Button size="xs" variant="default" onClick={then(() => actions.resync(ids))}>
                Resync Target Groups
              </Button>
            )}
            <Select
              aria-label="Move to folder"
              placeholder="Move to folder …"
              size="xs"
              data={folderChoices(folders)}
              searchable
              nothingFoundMessage="No folder has this in its name"
              value={null}
              onChange={(value) => {
                const folder = folders.find(({ id }) => id === value);
                if (folder) then(() => actions.move(ids, folder))();
              }}
              w={190}
            />
            <Button size="xs" variant="default" onClick={then(() => actions.remove(ids))}>
              Delete
            </Button>
          </>
        )}
        <Button size="xs" variant="subtle" onClick={onDone}>
          Choose none
        </Button>
      </Group>
    </Card>
  );
}
