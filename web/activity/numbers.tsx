import { SimpleGrid, Text } from "@mantine/core";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import type { Sync } from "../ui/sync-words.ts";

/** Records that could not be used by a sync. (product 1.7) */
export function setAsideBy(sync: Sync): number {
  return sync.unusable + sync.withoutAddress + sync.malformedAddress + sync.duplicate;
}

/** Who came, went and changed, what was set aside, and how much was read. */
export function SyncNumbers({ sync }: { readonly sync: Sync }) {
  const { count, change } = useNumbers();
  // A sync that broke off compared nothing: noughts would be a claim.
  const isCompared = sync.state === "succeeded" || sync.state === "held";
  const would = sync.state === "held" || sync.isDryRun ? "would be " : "";
  const compared = [
    [`${would}added`, change(sync.added)],
    [`${would}removed`, change(-sync.removed)],
    [`${would}changed`, count(sync.updated)],
    ["set aside", count(setAsideBy(sync))],
  ];
  const figures = [...(isCompared ? compared : []), ["records read", count(sync.rowsRead)]];
  return (
    <Section title="In numbers">
      <SimpleGrid cols={{ base: 2, xs: 3, md: 5 }}>
        {figures.map(([word, figure]) => (
          <div key={word}>
            <Text fz="1.5rem" fw={620} className="number" lh={1.2}>
              {figure}
            </Text>
            <Text size="sm" c="dimmed">
              {word}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Section>
  );
}
