import { Box, Group, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";

const shown = 30;

interface Props {
  readonly label: string;
  readonly taken: ReadonlySet<string>;
  readonly onAdd: (id: string) => void;
}

/** Any kind of group, found by its name as one types, with how many in it can be written to. */
export function AddGroup({ label, taken, onAdd }: Props) {
  const { count } = useNumbers();
  const [typed, setTyped] = useState("");
  const [words] = useDebouncedValue(typed.trim(), 200);
  const found = api.useQuery(
    "get",
    "/api/v1/target-groups",
    { params: { query: { limit: shown + taken.size, ...(words && { search: words }) } } },
    { placeholderData: keepPreviousData },
  );
  const groups = (found.data?.items ?? []).filter(({ id }) => !taken.has(id)).slice(0, shown);
  return (
    <Select
      aria-label={label}
      placeholder="Add a group: part of its name"
      leftSection={<IconPlus size={16} aria-hidden />}
      searchable
      data={groups.map(({ id, name }) => ({ value: id, label: name }))}
      renderOption={({ option }) => {
        const group = groups.find(({ id }) => id === option.value);
        return (
          <Group wrap="nowrap" justify="space-between" w="100%">
            <Box style={{ minWidth: 0 }}>
              <bdi>{option.label}</bdi>
            </Box>
            <Text size="xs" c="dimmed" className="number">
              {group?.kind === "compound"
                ? "compound"
                : group?.countState === "not_yet_counted"
                  ? "not yet counted"
                  : count(group?.sendable ?? 0)}
            </Text>
          </Group>
        );
      }}
      // The server has searched; what it found is shown whole.
      filter={({ options }) => options}
      limit={shown}
      nothingFoundMessage={words ? "No group matches" : "No other group"}
      value={null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => {
        if (id === null) return;
        onAdd(id);
        setTyped("");
      }}
    />
  );
}
