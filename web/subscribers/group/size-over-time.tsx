import { AreaChart } from "@mantine/charts";
import { Text, VisuallyHidden } from "@mantine/core";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { useTimes } from "../../ui/when.tsx";

/** The group's sendable people after each of its syncs. */
export function SizeOverTime({ groupId }: { readonly groupId: string }) {
  const query = { groupId, state: "succeeded", limit: 200 } as const;
  const syncs = api.useQuery("get", "/api/v1/syncs", { params: { query } });
  const { count } = useNumbers();
  const times = useTimes();
  return (
    <Section title="Size over time" about="Sendable people after each sync">
      <Loaded query={syncs} lines={4}>
        {({ items }) => {
          const points = items
            .filter((sync) => !sync.isDryRun && sync.finishedAt !== null)
            .map((sync) => ({ at: times.short(sync.finishedAt ?? ""), Sendable: sync.sendable ?? sync.distinctValid }))
            .reverse();
          if (points.length < 2) return <Text c="dimmed">The line begins with the second sync.</Text>;
          return (
            <>
              <AreaChart
                h={150}
                data={points}
                dataKey="at"
                series={[{ name: "Sendable", color: "step.6" }]}
                curveType="stepAfter"
                withDots={points.length < 30}
                withXAxis={false}
                yAxisProps={{ width: 56, domain: [0, "auto"] }}
                valueFormatter={count}
                aria-hidden
              />
              <VisuallyHidden>
                <table>
                  <caption>Sendable people after each sync</caption>
                  <tbody>
                    {points.slice(-20).map(({ at, Sendable }, row) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: two syncs of one minute read alike
                      <tr key={row}>
                        <th scope="row">{at}</th>
                        <td>{count(Sendable)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </VisuallyHidden>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
