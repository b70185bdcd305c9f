import { Box, Button, SegmentedControl } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { api, type Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { useTimes } from "../../ui/when.tsx";

const LineChart = lazy(async () => ({ default: (await import("../../charts.ts")).LineChart }));
const route = getRouteApi("/shell/instances/$instanceId/report");

interface Point {
  readonly at: string;
  readonly opens: number;
  readonly clicks: number;
}

/** Opens and clicks in each hour or day of the account's zone, as lines and as a table. */
export function OverTime({ tracking }: { readonly tracking: Schema<"Instance">["openTracking"] }) {
  const { instanceId } = route.useParams();
  const { by = "hour", ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const [isTable, table] = useDisclosure(false);
  const found = api.useQuery(
    "get",
    "/api/v1/instances/{id}/report/over-time",
    { params: { path: { id: instanceId }, query: { by } } },
    { placeholderData: keepPreviousData },
  );
  const hasOpens = tracking !== "off";
  return (
    <Section
      title={hasOpens ? "Opens and clicks over time" : "Clicks over time"}
      about={by === "hour" ? "Each hour, for three days" : "Each day, for sixty days"}
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Hours or days"
            data={[
              { value: "hour", label: "Hours" },
              { value: "day", label: "Days" },
            ]}
            value={by}
            onChange={(value) => {
              const to = value === "day" ? { ...search, by: "day" as const } : search;
              void navigate({ search: to, replace: true, resetScroll: false });
            }}
          />
          <Button size="xs" variant="default" aria-pressed={isTable} onClick={table.toggle}>
            {isTable ? "Show the chart" : "Show as a table"}
          </Button>
        </>
      }
    >
      <Loaded query={found} lines={5}>
        {({ items }) => {
          if (items.length === 0) return <Empty title="Nothing came back yet">It shows here within a minute.</Empty>;
          return isTable ? (
            <TimeTable points={items} hasOpens={hasOpens} by={by} />
          ) : (
            <Lines points={items} hasOpens={hasOpens} by={by} />
          );
        }}
      </Loaded>
    </Section>
  );
}

interface PointsProps {
  readonly points: readonly Point[];
  readonly hasOpens: boolean;
  readonly by: "hour" | "day";
}

function useLabel(by: "hour" | "day") {
  const times = useTimes();
  return (at: string) => (by === "hour" ? times.short(at) : times.date(at));
}

function Lines({ points, hasOpens, by }: PointsProps) {
  const { count } = useNumbers();
  const label = useLabel(by);
  const data = points.map(({ at, opens, clicks }) => ({ at: label(at), Clicks: clicks, "Opens (estimate)": opens }));
  return (
    <Box h={240} aria-hidden>
      <Suspense>
        <LineChart
          h={240}
          data={data}
          dataKey="at"
          series={[
            { name: "Clicks", color: "var(--ls-accent)" },
            ...(hasOpens ? [{ name: "Opens (estimate)", color: "orange.6", strokeDasharray: "5 4" }] : []),
          ]}
          curveType="linear"
          lineChartProps={{ accessibilityLayer: false }}
          withLegend
          withDots={points.length < 30}
          xAxisProps={{ minTickGap: 48 }}
          yAxisProps={{ width: 56, domain: [0, "auto"], allowDecimals: false }}
          valueFormatter={count}
        />
      </Suspense>
    </Box>
  );
}

function TimeTable({ points, hasOpens, by }: PointsProps) {
  const { count } = useNumbers();
  const label = useLabel(by);
  const columns: readonly Column<Point>[] = [
    { id: "at", header: by === "hour" ? "Hour from" : "Day", cell: ({ at }) => label(at) },
    { id: "clicks", header: "Clicks", kind: "number", cell: ({ clicks }) => count(clicks) },
    ...(hasOpens
      ? [
          {
            id: "opens",
            header: "Opens (estimate)",
            kind: "number" as const,
            cell: ({ opens }: Point) => count(opens),
          },
        ]
      : []),
  ];
  return <DataTable label="Over time" columns={columns} rows={points} idOf={({ at }) => at} empty={null} />;
}
