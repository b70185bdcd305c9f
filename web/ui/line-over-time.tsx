import { Box, Table, VisuallyHidden } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useNumbers } from "./numbers.ts";
import { quiet } from "./quiet.ts";

/** Half of all code that a page with a line needs: the page's numbers don't wait for it, nor whoever wants to use it. */
const AreaChart = lazy(async () => {
  await quiet();
  return { default: (await import("../charts.ts")).AreaChart };
});

interface LineProps {
  /** What the line is of: its name in the legend and over the table. */
  readonly label: string;
  readonly points: readonly { readonly at: string; readonly value: number }[];
  readonly height?: number;
  /** `step` where a value stands until the next; `line` where it moves between. */
  readonly shape?: "step" | "line";
}

/** A line over time, from zero; the same numbers as a table for who can't see it. */
export function LineOverTime({ label, points, height = 160, shape = "line" }: LineProps) {
  const { count } = useNumbers();
  const data = points.map(({ at, value }) => ({ at, [label]: value }));
  return (
    <>
      <Box h={height} aria-hidden>
        <Suspense>
          <AreaChart
            h={height}
            data={data}
            dataKey="at"
            series={[{ name: label, color: "var(--ls-accent)" }]}
            curveType={shape === "step" ? "stepAfter" : "linear"}
            withDots={points.length < 30}
            areaChartProps={{ accessibilityLayer: false }} // nobody can focus what is hidden from them
            withXAxis={false}
            yAxisProps={{ width: 64, domain: [0, "auto"], allowDecimals: false }}
            valueFormatter={count}
          />
        </Suspense>
      </Box>
      <VisuallyHidden>
        <Table aria-label={label}>
          <Table.Tbody>
            {points.slice(-20).map(({ at, value }, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two moments may be written alike
              <Table.Tr key={row}>
                <Table.Th scope="row">{at}</Table.Th>
                <Table.Td>{count(value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </>
  );
}
