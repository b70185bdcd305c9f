import { Text } from "@mantine/core";
import { api } from "../../api/client.ts";
import { LineOverTime } from "../../ui/line-over-time.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { useTimes } from "../../ui/when.tsx";

/** The group's sendable people after each of its good syncs; thinned by the server when there are many. */
export function SizeOverTime({ groupId }: { readonly groupId: string }) {
  const history = api.useQuery("get", "/api/v1/target-groups/{id}/history", { params: { path: { id: groupId } } });
  const times = useTimes();
  const { count } = useNumbers();
  return (
    <Section title="Size over time" about="Sendable people after each sync">
      <Loaded query={history} lines={4}>
        {({ points, syncs }) => {
          if (points.length < 2) return <Text c="dimmed">The line begins with the second sync.</Text>;
          const line = points.map(({ at, sendable }) => ({ at: times.short(at), value: sendable }));
          return (
            <>
              <LineOverTime label="Sendable" points={line} shape="step" height={150} />
              {syncs > points.length && (
                <Text size="sm" c="dimmed">
                  {count(points.length)} of {count(syncs)} syncs are drawn.
                </Text>
              )}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
