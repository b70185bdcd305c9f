import {
  ActionIcon,
  Button,
  Group,
  Popover,
  ScrollArea,
  Stack,
  Text,
  TextInput,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client.ts";
import type { FieldUse } from "../document/fields.ts";
import classes from "./editor.module.css";
import { type Field, useFields } from "./fields.tsx";

interface Props {
  /** What it is put into: "Add a personal value to the subject". */
  readonly into: string;
  readonly onPick: (use: FieldUse) => void;
  /** Told when it is closed: the focus goes back to where one writes. */
  readonly onClose?: () => void;
}

/** Personal values by their display names, with what some people have there and what stands for those without. */
export function FieldPicker({ into, onPick, onClose }: Props) {
  const [isOpen, { open, close }] = useDisclosure(false, onClose ? { onClose } : {});
  const label = `Add a personal value to ${into}`;
  return (
    <Popover
      opened={isOpen}
      onDismiss={close}
      onChange={(shown) => !shown && close()}
      trapFocus
      position="bottom-end"
      width={320}
      shadow="md"
      withinPortal
    >
      <Popover.Target>
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} onClick={isOpen ? close : open}>
            <IconUserPlus size={17} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label={label}>
        <Choice
          onPick={(use) => {
            close();
            onPick(use);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice({ onPick }: { readonly onPick: (use: FieldUse) => void }) {
  const fields = useFields().filter(({ isReserved }) => !isReserved);
  const samples = useSamples();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<Field | null>(null);
  const [fallback, setFallback] = useState("");
  if (chosen) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          onPick({ field: chosen.name, fallback: fallback.trim() });
        }}
      >
        <Stack gap="sm">
          <Text fw={600} size="sm">
            <bdi>{chosen.displayName || chosen.name}</bdi>
          </Text>
          <TextInput
            label="For people without a value"
            description={
              chosen.defaultValue
                ? `Left empty: “${chosen.defaultValue}”, the field's own default.`
                : "Left empty, nothing stands there."
            }
            placeholder="Friend"
            data-autofocus
            maxLength={100}
            value={fallback}
            onChange={({ currentTarget }) => setFallback(currentTarget.value)}
          />
          <Group gap="xs">
            <Button type="submit" size="xs">
              Add it
            </Button>
            <Button size="xs" variant="default" onClick={() => setChosen(null)}>
              Another field
            </Button>
          </Group>
        </Stack>
      </form>
    );
  }
  const sought = words.trim().toLowerCase();
  const found = fields.filter(({ name, displayName }) => `${displayName} ${name}`.toLowerCase().includes(sought));
  return (
    <Stack gap="xs">
      <TextInput
        aria-label="Find a field"
        placeholder="Find a field"
        data-autofocus
        value={words}
        onChange={({ currentTarget }) => setWords(currentTarget.value)}
      />
      <ScrollArea.Autosize mah={280} type="auto" scrollbars="y">
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="xs">
            {fields.length === 0 ? "No fields yet: they come with the list sync." : `No field matches “${words}”.`}
          </Text>
        )}
        {found.slice(0, 100).map((field) => (
          <UnstyledButton key={field.name} className={classes.option ?? ""} onClick={() => setChosen(field)}>
            <bdi>{field.displayName || field.name}</bdi>
            <Text component="span" size="xs" c="dimmed" truncate display="block">
              {samples(field) || field.comment || (field.displayName && field.name)}
            </Text>
          </UnstyledButton>
        ))}
      </ScrollArea.Autosize>
    </Stack>
  );
}

/** What the first few people have in a field, as far as values are kept. */
function useSamples(): (field: Field) => string {
  const people = api.useQuery(
    "get",
    "/api/v1/subscribers",
    { params: { query: { limit: 10 } } },
    { staleTime: 300_000 },
  );
  return ({ name }) => {
    const values = (people.data?.items ?? []).map(({ email, values: kept }) => (name === "email" ? email : kept[name]));
    return [...new Set(values.filter(Boolean))].slice(0, 3).join(" · ");
  };
}
