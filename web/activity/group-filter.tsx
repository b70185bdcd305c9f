import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client.ts";

interface Props {
  readonly groupId: string | undefined;
  readonly onChange: (groupId: string | undefined) => void;
}

const shown = 30;

/** One target group, found by its name as one types. */
export function GroupFilter({ groupId, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const [words] = useDebouncedValue(typed.trim(), 200);
  const chosen = api.useQuery(
    "get",
    "/api/v1/target-groups/{id}",
    { params: { path: { id: groupId ?? "" } } },
    { enabled: groupId !== undefined },
  );
  const name = chosen.data?.name;
  const search = words === name ? "" : words;
  const found = api.useQuery(
    "get",
    "/api/v1/target-groups",
    { params: { query: { kind: "bridge", limit: shown, ...(search && { search }) } } },
    { placeholderData: keepPreviousData },
  );
  const groups = new Map(found.data?.items.map((group) => [group.id, group.name]));
  if (groupId !== undefined) groups.set(groupId, name ?? (chosen.isError ? "Unknown group" : "…"));
  return (
    <Select
      label="Target group"
      placeholder="All"
      clearable
      searchable
      data={[...groups].map(([value, label]) => ({ value, label }))}
      // The server has searched; what it found is shown whole.
      filter={({ options }) => options}
      limit={shown + 1}
      nothingFoundMessage="No group matches"
      value={groupId ?? null}
      onSearchChange={setTyped}
      onChange={(value) => onChange(value ?? undefined)}
      flex="1 1 12rem"
    />
  );
}
