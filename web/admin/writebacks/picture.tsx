import { Box, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { quiet } from "../../ui/quiet.ts";
import { Section } from "../../ui/section.tsx";
import { useTimes } from "../../ui/when.tsx";
import type { Summary } from "./words.ts";

const BarChart = lazy(async () => {
  await quiet();
  return { default: (await import("../../charts.ts")).BarChart };
});

type Day = Summary["days"][number];

const series = [
  { name: "Sent", color: "var(--ls-accent)" },
  { name: "Waiting", color: "blue.4" },
  { name: "Failed", color: "red.6" },
  { name: "Superseded or withdrawn", color: "gray.5" },
] as const;

const partsOf = ({ counts }: Day) => ({
  Sent: counts.sent,
  Waiting: counts.ready + counts.processing,
  Failed: counts.failed,
  "Superseded or withdrawn": counts.superseded + counts.withdrawn,
});

/** What was decided on each of the last 30 days, and how it stands now: as bars and as a table. (product 5.3) */
export function Picture({ days }: { readonly days: Summary["days"] }) {
  const [isTable, table] = useDisclosure(false);
  return (
    <Section
      title="The last 30 days"
      about="What was decided on each day, by how it stands now"
      actions={
        <Button size="xs" variant="default" aria-pressed={isTable} onClick={table.toggle}>
          {isTable ? "Show the chart" : "Show as a table"}
        </Button>
      }
    >
      {isTable ? <DayTable days={days} /> : <Bars days={days} />}
    </Section>
  );
}

function Bars({ days }: { readonly days: Summary["days"] }) {
  const { count } = useNumbers();
  const times = useTimes();
  const data = days.map((day) => ({ at: times.date(`${day.day}T12:00:00Z`), ...partsOf(day) }));
  return (
    <Box h={220} aria-hidden>
      <Suspense>
        <BarChart
          h={220}
          data={data}
          dataKey="at"
          type="stacked"
          series={[...series]}
          withLegend
          legendProps={{ verticalAlign: "bottom" }}
          yAxisProps={{ width: 56, domain: [0, "auto"], allowDecimals: false }}
          xAxisProps={{ interval: "preserveStartEnd", minTickGap: 40 }}
          valueFormatter={count}
          barChartProps={{ accessibilityLayer: false }}
        />
      </Suspense>
    </Box>
  );
}

function DayTable({ days }: { readonly days: Summary["days"] }) {
  const { count } = useNumbers();
  const times = useTimes();
  const columns: readonly Column<Day>[] = [
    { id: "day", header: "Day", cell: ({ day }) => times.date(`${day}T12:00:00Z`) },
    ...series.map(({ name }) => ({
      id: name,
      header: name,
      kind: "number" as const,
      cell: (day: Day) => count(partsOf(day)[name]),
    })),
  ];
  const some = days.filter(({ counts }) => Object.values(counts).some((people) => people > 0)).toReversed();
  return <DataTable label="Writebacks by day" columns={columns} rows={some} idOf={({ day }) => day} empty={null} />;
}
