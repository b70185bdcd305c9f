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
  /** What is counted of each. */
  readonly counts: "sendable" | "total";
  /** Groups that can't be chosen, being chosen already. */
  readonly taken: ReadonlySet<string>;
  readonly error?: string | undefined;
  readonly onAdd: (group: { readonly id: string; readonly name: string }) => void;
}

/** Any kind of group, found by its name as one types, with how many are in it. */
export function AddGroup({ label, counts, taken, error, onAdd }: Props) {
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
  const more = (found.data?.total ?? 0) - taken.size - groups.length;
  return (
    <Select
      label={label}
      placeholder="Part of its name"
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
                  : count(group?.[counts] ?? 0)}
            </Text>
          </Group>
        );
      }}
      // The server has searched; what it found is shown whole.
      filter={({ options }) => options}
      limit={shown}
      nothingFoundMessage={words ? "No group matches" : "No other group"}
      {...(more > 0 && { description: `${count(more)} more groups: type part of the name.` })}
      {...(error && { error })}
      value={null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => {
        const group = groups.find((one) => one.id === id);
        if (!group) return;
        onAdd({ id: group.id, name: group.name });
        setTyped("");
      }}
    />
  );
}
