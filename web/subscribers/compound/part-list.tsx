import { Box, CloseButton, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { letterOf, type Part, type PartList } from "./composition.ts";
import classes from "./overlap.module.css";

interface Props {
  readonly title: "Include" | "Exclude";
  readonly list: PartList;
  readonly onChange: (list: PartList) => void;
  /** The place of its first group among all parts. */
  readonly first: number;
  /** Members of each group, as far as they are known. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Groups that can't be chosen: those on either list, and the group itself. */
  readonly taken: ReadonlySet<string>;
  readonly error?: string | undefined;
}

/** One of a compound group's lists: the groups on it, how they are read, and a field to add one. */
export function PartListEditor({ title, list, onChange, first, sizes, taken, error }: Props) {
  const { count } = useNumbers();
  const { isAll, parts } = list;
  return (
    <Section
      title={title}
      about={title === "Include" ? "Whom the group takes." : "Who is left out of it, whatever Include says."}
    >
      <Stack gap="sm">
        <SegmentedControl
          aria-label={`${title}: how its groups are read`}
          size="xs"
          value={isAll ? "all" : "any"}
          onChange={(value) => onChange({ ...list, isAll: value === "all" })}
          data={[
            { value: "any", label: "In one or more of" },
            { value: "all", label: "In all of" },
          ]}
          style={{ alignSelf: "start" }}
        />
        {parts.length > 0 && (
          <ul className={classes.parts} aria-label={`Groups on ${title}`}>
            {parts.map(({ id, name }, at) => (
              <li key={id}>
                <span className={classes.letter} aria-hidden>
                  {letterOf(first + at)}
                </span>
                <Text size="sm" flex={1} style={{ minWidth: 0 }}>
                  <bdi>{name}</bdi>
                </Text>
                <Text size="sm" c="dimmed" className="number">
                  {sizes.has(id) ? count(sizes.get(id) ?? 0) : ""}
                </Text>
                <CloseButton
                  size="sm"
                  aria-label={`Take ${name} off`}
                  onClick={() => onChange({ ...list, parts: parts.filter((part) => part.id !== id) })}
                />
              </li>
            ))}
          </ul>
        )}
        <AddPart
          title={title}
          taken={taken}
          error={error}
          onAdd={(part) => onChange({ ...list, parts: [...parts, part] })}
        />
      </Stack>
    </Section>
  );
}

const shown = 30;

interface AddProps {
  readonly title: string;
  readonly taken: ReadonlySet<string>;
  readonly error: string | undefined;
  readonly onAdd: (part: Part) => void;
}

/** Any kind of group, found by its name as one types. */
function AddPart({ title, taken, error, onAdd }: AddProps) {
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
      label={`Add a group to ${title}`}
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
                  : count(group?.total ?? 0)}
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
