import { Anchor, Box, Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { api, type Schema } from "../api/client.ts";
import { useMe } from "../api/me.ts";
import { instanceWords } from "../mailings/instance/words.ts";
import { useNumbers } from "../ui/numbers.ts";
import { quiet } from "../ui/quiet.ts";
import { Section } from "../ui/section.tsx";
import { Loaded } from "../ui/states.tsx";
import { useTimes, When } from "../ui/when.tsx";

const LineChart = lazy(async () => {
  await quiet();
  return { default: (await import("../charts.ts")).LineChart };
});
type Compared = Schema<"ComparedInstance">;

const inProgress = {
  params: {
    query: {
      state: ["syncing", "building", "counting_down", "sending"] satisfies Schema<"Instance">["state"][],
      limit: 5,
    },
  },
};
const scheduled = { params: { query: { state: ["scheduled" as const], limit: 50 } } };
const latest = { params: { query: { limit: 12 } } };

/** What goes out now, what goes out next, what went out last, and how engagement goes. */
export function MailingsGlance() {
  const { permissions } = useMe();
  const isOn = permissions.includes("mailings:read");
  const now = api.useQuery("get", "/api/v1/instances", inProgress, { enabled: isOn });
  const next = api.useQuery("get", "/api/v1/instances", scheduled, { enabled: isOn });
  const sent = api.useQuery("get", "/api/v1/latest-reports", latest, { enabled: isOn, refetchInterval: 60_000 });
  if (!isOn) return null;
  return (
    <Section
      title="Mailings"
      actions={
        <Anchor component={Link} to="/mailings/calendar" fz="sm">
          Calendar
        </Anchor>
      }
    >
      <Stack gap="md">
        {now.data !== undefined && now.data.items.length > 0 && <Now instances={now.data.items} />}
        <Loaded query={next} lines={1}>
          {({ items }) => <Next instances={items.toReversed().slice(0, 3)} />}
        </Loaded>
        <Loaded query={sent} lines={4}>
          {({ items }) => (
            <>
              <Last compared={items.slice(0, 3)} />
              {items.length > 1 && <Trend compared={items.toReversed()} />}
            </>
          )}
        </Loaded>
      </Stack>
    </Section>
  );
}

function Now({ instances }: { readonly instances: readonly Schema<"Instance">[] }) {
  const { count } = useNumbers();
  return (
    <div>
      <Title order={3} fz="sm" mb={2}>
        Now
      </Title>
      {instances.map(({ id, name, state, recipients }) => (
        <div key={id}>
          <Anchor component={Link} to={`/instances/${id}`}>
            <bdi>{name}</bdi>
          </Anchor>{" "}
          <Text span size="sm" c="dimmed">
            {instanceWords[state].word.toLowerCase()}
            {recipients > 0 && `, ${count(recipients)} recipients`}
          </Text>
        </div>
      ))}
    </div>
  );
}

function Next({ instances }: { readonly instances: readonly Schema<"Instance">[] }) {
  return (
    <div>
      <Title order={3} fz="sm" mb={2}>
        Next
      </Title>
      {instances.length === 0 && <Text c="dimmed">Nothing is scheduled.</Text>}
      {instances.map(({ id, name, dueAt }) => (
        <div key={id}>
          <Anchor component={Link} to={`/instances/${id}`}>
            <bdi>{name}</bdi>
          </Anchor>{" "}
          <Text span size="sm" c="dimmed">
            <When at={dueAt} isAhead />
          </Text>
        </div>
      ))}
    </div>
  );
}

const rate = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

function Last({ compared }: { readonly compared: readonly Compared[] }) {
  const { count, percent } = useNumbers();
  return (
    <div>
      <Title order={3} fz="sm" mb={2}>
        Last
      </Title>
      {compared.length === 0 && <Text c="dimmed">No mailing has gone out yet.</Text>}
      {compared.map(({ instance, totals }) => (
        <div key={instance.id}>
          <Anchor component={Link} to={`/instances/${instance.id}/report`}>
            <bdi>{instance.name}</bdi>
          </Anchor>{" "}
          <Text span size="sm" c="dimmed">
            <When at={instance.sendingAt} />: {count(totals.delivered)} delivered,{" "}
            {percent(rate(totals.clicked, totals.delivered))} clicked
          </Text>
        </div>
      ))}
    </div>
  );
}

/** Shares of delivered and clicked, over the last twelve. */
function Trend({ compared }: { readonly compared: readonly Compared[] }) {
  const { percent } = useNumbers();
  const times = useTimes();
  const points = compared.map(({ instance, totals }) => ({
    id: instance.id,
    at: times.date(instance.dueAt),
    Delivered: rate(totals.delivered, totals.recipients),
    Clicked: rate(totals.clicked, totals.delivered),
  }));
  return (
    <div>
      <Title order={3} fz="sm" mb={6}>
        Engagement, last {points.length} mailings
      </Title>
      <Box h={150} aria-hidden>
        <Suspense>
          <LineChart
            h={150}
            data={points}
            dataKey="at"
            series={[
              { name: "Delivered", color: "blue.6", strokeDasharray: "5 4" },
              { name: "Clicked", color: "var(--ls-accent)" },
            ]}
            curveType="linear"
            lineChartProps={{ accessibilityLayer: false }}
            withLegend
            withXAxis={false}
            yAxisProps={{ width: 48, domain: [0, 1] }}
            valueFormatter={percent}
          />
        </Suspense>
      </Box>
      <VisuallyHidden>
        <Table aria-label="Engagement">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Mailing of</Table.Th>
              <Table.Th scope="col">Delivered</Table.Th>
              <Table.Th scope="col">Clicked</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {points.map(({ id, at, Delivered, Clicked }) => (
              <Table.Tr key={id}>
                <Table.Th scope="row">{at}</Table.Th>
                <Table.Td>{percent(Delivered)}</Table.Td>
                <Table.Td>{percent(Clicked)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </div>
  );
}
