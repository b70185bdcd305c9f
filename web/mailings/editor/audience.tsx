import { Anchor, CloseButton, SimpleGrid, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { AddGroup } from "../../subscribers/groups/add-group.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import classes from "./editor.module.css";
import type { EditingProps } from "./envelope.tsx";
import { OptOutCategory } from "./opt-out-category.tsx";

const sides = [
  { name: "to", title: "Send to", add: "Add a group to send to", nobody: "Nobody yet. Choose at least one group." },
  { name: "notTo", title: "Do not send to", add: "Add a group to leave out", nobody: "Nobody is left out." },
] as const;

/** Groups to send to, and groups not to send to. (product 4.1) */
export function Audience({ draft, content, isEditable }: EditingProps) {
  const { audience } = content;
  const groups = useGroups([...audience.to, ...audience.notTo]);
  const taken = new Set([...audience.to, ...audience.notTo]);
  return (
    <Section
      title="Audience"
      about="When it is published, every group is synced first. Who is in several gets it once; who unsubscribed, not at all."
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        {sides.map(({ name, title, add, nobody }) => {
          const put = (ids: readonly string[]) => draft.change({ audience: { ...audience, [name]: [...ids] } });
          return (
            <div key={name}>
              <Text size="sm" fw={500} mb={4} aria-hidden>
                {title}
              </Text>
              {audience[name].length === 0 ? (
                <Text size="sm" c="dimmed" mb="xs">
                  {nobody}
                </Text>
              ) : (
                <ul className={classes.groups} aria-label={title}>
                  {audience[name].map((id) => (
                    <GroupLine
                      key={id}
                      id={id}
                      group={groups.get(id)}
                      onRemove={isEditable ? () => put(audience[name].filter((other) => other !== id)) : null}
                    />
                  ))}
                </ul>
              )}
              {isEditable && (
                <AddGroup
                  label={add}
                  counts="sendable"
                  taken={taken}
                  onAdd={({ id }) => put([...audience[name], id])}
                />
              )}
            </div>
          );
        })}
      </SimpleGrid>
      <OptOutCategory {...{ draft, content, isEditable }} />
    </Section>
  );
}

type Found = Schema<"TargetGroup"> | "missing" | undefined;

interface GroupLineProps {
  readonly id: string;
  readonly group: Found;
  readonly onRemove: (() => void) | null;
}

function GroupLine({ id, group, onRemove }: GroupLineProps) {
  const { count } = useNumbers();
  const name = group === undefined ? "…" : group === "missing" ? "A group that is gone" : group.name;
  const isGone = group === "missing" || (group && group.deletedAt !== null);
  return (
    <li>
      <Text size="sm" flex={1} style={{ minWidth: 0 }} {...(isGone && { c: "var(--ls-bad)" })}>
        {isGone ? (
          <>
            <bdi>{name}</bdi>: deleted
          </>
        ) : (
          <Anchor component={Link} to={`/target-groups/${id}`} c="inherit">
            <bdi>{name}</bdi>
          </Anchor>
        )}
      </Text>
      {group && group !== "missing" && group.kind !== "compound" && (
        <Text size="sm" c="dimmed" className="number">
          {group.countState === "not_yet_counted" ? "not yet counted" : `${count(group.sendable)} sendable`}
        </Text>
      )}
      {group && group !== "missing" && group.kind === "compound" && (
        <Text size="sm" c="dimmed">
          compound
        </Text>
      )}
      {onRemove && <CloseButton size="sm" aria-label={`Take ${name} off`} onClick={onRemove} />}
    </li>
  );
}

/** The groups of these ids, each asked for once. */
function useGroups(ids: readonly string[]): ReadonlyMap<string, Found> {
  const found = useQueries({
    queries: ids.map((id) => api.queryOptions("get", "/api/v1/target-groups/{id}", { params: { path: { id } } })),
  });
  return new Map(
    ids.map((id, at) => [id, found[at]?.isError ? "missing" : (found[at]?.data as Schema<"TargetGroup"> | undefined)]),
  );
}
