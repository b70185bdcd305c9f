import { Anchor, Button, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema, toProblem } from "../../api/client.ts";
import { useMay, useMe } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded, ProblemAlert } from "../../ui/states.tsx";
import { useTimes, When } from "../../ui/when.tsx";
import { runWords } from "./run-words.ts";

const route = getRouteApi("/shell/admin/nightly");
type Run = Schema<"NightlyRun">;

/** Admin › Nightly Sync: when the next begins, what it would take, and how the last ones went. (product 1.3) */
export function NightlyPage() {
  const bridge = api.useQuery("get", "/api/v1/bridge", {}, { retry: false });
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const runs = api.useQuery(
    "get",
    "/api/v1/nightly-runs",
    { params: { query: { limit: 30, ...(cursor && { cursor }) } } },
    { refetchInterval: ({ state }) => (state.data?.items.some((run) => run.state !== "done") ? 2000 : false) },
  );
  const mayRun = useMay("nightly:run");
  const onSettled = useReask("/nightly", "/syncs", "/target-groups");
  const run = api.useMutation("post", "/api/v1/nightly-runs", { onSettled });
  const isConnected = !(bridge.isError && toProblem(bridge.error).status === 404);
  return (
    <Page
      title="Nightly Sync"
      about="Each night: the list first, then every group that was created in the past 7 days, used in a mailing in the past 90, or part of a compound used in the past 90."
      actions={
        mayRun &&
        isConnected && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            loading={run.isPending}
            onClick={() => run.mutate({})}
          >
            Run it now
          </Button>
        )
      }
    >
      {run.isError && <ProblemAlert error={run.error} />}
      {isConnected && bridge.data && <Next bridge={bridge.data} />}
      <Section title="Last runs">
        <Loaded query={runs}>
          {({ items, next }) => (
            <>
              <Runs rows={items} />
              <Pager cursor={cursor} next={next} onGo={(to) => void navigate({ search: to ? { cursor: to } : {} })} />
            </>
          )}
        </Loaded>
      </Section>
    </Page>
  );
}

function Next({ bridge }: { readonly bridge: Schema<"Bridge"> }) {
  const { account } = useMe();
  const { nightlyIsOn, nightlyHour } = bridge.settings;
  const hour = `${String(nightlyHour).padStart(2, "0")}:00`;
  return (
    <Section title="Next run">
      <Text size="sm">
        {nightlyIsOn && bridge.isActive
          ? `Begins at ${hour}, ${account?.timeZone}.`
          : nightlyIsOn
            ? "The bridge is switched off, so no night runs."
            : "Switched off in Bridge Configuration."}{" "}
        <Anchor component={Link} to="/admin/nightly/preview">
          Which groups it would take, and why
        </Anchor>
      </Text>
    </Section>
  );
}

function Runs({ rows }: { readonly rows: readonly Run[] }) {
  const times = useTimes();
  const { duration } = useNumbers();
  const columns: readonly Column<Run>[] = [
    {
      id: "date",
      header: "Night of",
      cell: (run) => (
        <Anchor component={Link} to={`/admin/nightly/${run.id}`}>
          {times.date(`${run.localDate}T12:00:00Z`)}
        </Anchor>
      ),
    },
    {
      id: "state",
      header: "State",
      cell: (run) => <ToneBadge tone={runWords[run.state].tone}>{runWords[run.state].word}</ToneBadge>,
    },
    { id: "started", header: "Began", cell: (run) => <When at={run.startedAt} /> },
    {
      id: "took",
      header: "Took",
      kind: "number",
      from: "sm",
      cell: (run) => (run.finishedAt ? duration(Date.parse(run.finishedAt) - Date.parse(run.startedAt)) : "—"),
    },
    { id: "by", header: "Begun by", from: "md", cell: (run) => <bdi>{run.causedBy}</bdi> },
    { id: "note", header: "Note", from: "lg", cell: (run) => run.note },
  ];
  return (
    <DataTable
      label="Last runs of the Nightly Sync"
      columns={columns}
      rows={rows}
      idOf={(run) => run.id}
      empty={
        <Empty title="No night so far">
          The first runs at the hour that Bridge Configuration says, or when you run it now.
        </Empty>
      }
    />
  );
}
