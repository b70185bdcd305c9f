import { Box, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";

export interface Person {
  readonly id: number;
  readonly email: string;
}

interface Props {
  readonly label: string;
  readonly description?: string;
  readonly person: Person | null;
  readonly onChoose: (person: Person | null) => void;
}

/** Anybody of the account, found by name, address or remote ID as one types. */
export function FindPerson({ label, description, person, onChoose }: Props) {
  const [typed, setTyped] = useState(person?.email ?? "");
  const [words] = useDebouncedValue(typed.trim(), 200);
  const sought = words === person?.email ? "" : words;
  const found = api.useQuery(
    "get",
    "/api/v1/subscribers",
    { params: { query: { limit: 20, ...(sought && { search: sought }) } } },
    { placeholderData: keepPreviousData },
  );
  const people = found.data?.items ?? [];
  const options = people.map(({ id, email }) => ({ value: String(id), label: email }));
  const isListed = person === null || people.some(({ id }) => id === person.id);
  return (
    <Select
      label={label}
      {...(description && { description })}
      placeholder="Name, address or remote ID"
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Nobody in particular" }}
      data={isListed || !person ? options : [{ value: String(person.id), label: person.email }, ...options]}
      renderOption={({ option }) => {
        const values = people.find(({ id }) => String(id) === option.value)?.values ?? {};
        return (
          <Box style={{ minWidth: 0 }}>
            <bdi>{option.label}</bdi>
            <Text size="xs" c="dimmed" truncate>
              <bdi>{Object.values(values).filter(Boolean).slice(0, 3).join(" · ")}</bdi>
            </Text>
          </Box>
        );
      }}
      // The server has searched; what it found is shown whole.
      filter={({ options: all }) => all}
      nothingFoundMessage="Nobody matches"
      value={person ? String(person.id) : null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => {
        const chosen = people.find((one) => String(one.id) === id);
        if (chosen) onChoose({ id: chosen.id, email: chosen.email });
        else if (id === null) onChoose(null);
      }}
    />
  );
}
