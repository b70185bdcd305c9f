import { CloseButton, SegmentedControl, Stack, Text } from "@mantine/core";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { AddGroup } from "../groups/add-group.tsx";
import { letterOf, type PartList } from "./composition.ts";
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
        <AddGroup
          label={`Add a group to ${title}`}
          counts="total"
          taken={taken}
          error={error}
          onAdd={(part) => onChange({ ...list, parts: [...parts, part] })}
        />
      </Stack>
    </Section>
  );
}
