import { Button, Group, Select, Stack } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type FormEvent, useState } from "react";
import { rememberFocus } from "../../ui/return-focus.ts";
import { folderChoices } from "./folder-paths.ts";
import type { Folder, ListedGroup } from "./search.ts";

interface Moving {
  /** All that a group may stand in; its own is left out. */
  readonly folders: readonly Folder[];
  readonly onMove: (folder: Folder) => void;
}

/** Asks for the folder that a group moves to: found by typing, as there may be hundreds. */
export function openMoveGroup(group: ListedGroup, { folders, onMove }: Moving): void {
  const choices = folderChoices(folders).filter(({ value }) => value !== group.folderId);
  const move = (chosen: string | null) => {
    const folder = folders.find((one) => one.id === chosen);
    if (folder) onMove(folder);
    modals.close(id);
  };
  const id = modals.open({
    title: `Move “${group.name}”`,
    children: <MoveForm choices={choices} onDone={move} />,
    onClose: rememberFocus(),
    // The list of folders belongs to the dialog and hangs out of it.
    styles: { content: { overflow: "visible" } },
  });
}

interface MoveFormProps {
  readonly choices: ReturnType<typeof folderChoices>;
  /** Told the folder's id, or null when nothing is to be moved. */
  readonly onDone: (folderId: string | null) => void;
}

function MoveForm({ choices, onDone }: MoveFormProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen !== null) onDone(chosen);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Select
          label="Folder"
          placeholder="Part of its name"
          data={choices}
          value={chosen}
          onChange={setChosen}
          searchable
          nothingFoundMessage="No folder has this in its name"
          maxDropdownHeight={260}
          // In the dialog, not at the end of the page: who listens meets it where they are.
          comboboxProps={{ withinPortal: false }}
          data-autofocus
        />
        <Group justify="end">
          <Button variant="default" onClick={() => onDone(null)}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen === null}>
            Move
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
