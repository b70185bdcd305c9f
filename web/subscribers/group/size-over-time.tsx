import { Text } from "@mantine/core";
import { api } from "../../api/client.ts";
import { LineOverTime } from "../../ui/line-over-time.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { useTimes } from "../../ui/when.tsx";

/** The group's sendable people after each of its syncs. */
export function SizeOverTime({ groupId }: { readonly groupId: string }) {
  const query = { groupId, state: "succeeded", limit: 200 } as const;
  const syncs = api.useQuery("get", "/api/v1/syncs", { params: { query } });
  const times = useTimes();
  return (
    <Section title="Size over time" about="Sendable people after each of the last 200 syncs">
      <Loaded query={syncs} lines={4}>
        {({ items }) => {
          const points = items
            .filter((sync) => !sync.isDryRun && sync.finishedAt !== null)
            .map((sync) => ({ at: times.short(sync.finishedAt ?? ""), value: sync.sendable ?? sync.distinctValid }))
            .reverse();
          if (points.length < 2) return <Text c="dimmed">The line begins with the second sync.</Text>;
          return <LineOverTime label="Sendable" points={points} shape="step" height={150} />;
        }}
      </Loaded>
    </Section>
  );
}
