import { Anchor, Group, SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { type Sync, triggerWords } from "../../ui/sync-words.ts";
import { When } from "../../ui/when.tsx";

/** Who came and went by the last sync that succeeded, and what the last dry run said. */
export function LastDifference({ syncs }: { readonly syncs: readonly Sync[] }) {
  const done = syncs.find((sync) => sync.state === "succeeded" && !sync.isDryRun);
  const dryRun = syncs.find((sync) => sync.state === "succeeded" && sync.isDryRun);
  const isNewer = dryRun && (!done || dryRun.requestedAt > done.requestedAt);
  return (
    <Section title="Last difference">
      {done ? <Difference sync={done} /> : <Text c="dimmed">No sync of this group has succeeded so far.</Text>}
      {isNewer && (
        <Text size="sm" mt="md">
          A dry run <When at={dryRun.finishedAt} /> found:{" "}
          <Anchor component={Link} to={`/syncs/${dryRun.id}`}>
            {dryRun.added} would come, {dryRun.removed} would go, {dryRun.updated} would change
          </Anchor>
        </Text>
      )}
    </Section>
  );
}

function Difference({ sync }: { readonly sync: Sync }) {
  const { count, change, duration } = useNumbers();
  const setAside = sync.unusable + sync.withoutAddress + sync.malformedAddress + sync.duplicate;
  const figures = [
    ["came", change(sync.added)],
    ["went", change(-sync.removed)],
    ["changed", count(sync.updated)],
    ["set aside", count(setAside)],
  ];
  const took = sync.startedAt && sync.finishedAt ? Date.parse(sync.finishedAt) - Date.parse(sync.startedAt) : null;
  return (
    <>
      <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="xs">
        {figures.map(([word, figure]) => (
          <div key={word}>
            <Text fz="xl" fw={620} className="number">
              {figure}
            </Text>
            <Text size="sm" c="dimmed">
              {word}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Group gap={4} mt="sm">
        <Text size="sm" c="dimmed" component="div">
          <When at={sync.finishedAt} /> by {triggerWords[sync.trigger]} (<bdi>{sync.requestedBy}</bdi>)
          {took !== null && `, ${duration(took)}`} ·{" "}
          <Anchor component={Link} to={`/syncs/${sync.id}`} fz="sm">
            who came and went
          </Anchor>
        </Text>
      </Group>
    </>
  );
}
