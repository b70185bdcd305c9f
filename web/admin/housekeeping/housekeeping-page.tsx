import { Anchor, Button, List, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { daysInWords } from "../../ui/days.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded, ProblemAlert } from "../../ui/states.tsx";
import { useTimes, When } from "../../ui/when.tsx";

const route = getRouteApi("/shell/admin/housekeeping");
type Run = Schema<"HousekeepingRun">;

const kinds: Readonly<Record<string, string>> = {
  activity: "opens, clicks and other answers",
  left_out: "people left out of mailings",
  sync_events: "lines of sync stories",
  rejected_rows: "rows set aside",
  verdicts: "verdicts of nights",
  values: "people’s values of a mailing",
  field_values: "values of fields no longer kept",
  uploads: "uploaded files that nobody imported",
  versions: "earlier versions of mailings",
};

/** Admin › Housekeeping: what is kept how long, and what each night removed. (product 2.5) */
export function HousekeepingPage() {
  const account = api.useQuery("get", "/api/v1/account");
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const runs = api.useQuery(
    "get",
    "/api/v1/housekeeping-runs",
    { params: { query: { limit: 30, ...(cursor && { cursor }) } } },
    { refetchInterval: ({ state }) => (state.data?.items.some((run) => run.finishedAt === null) ? 3000 : false) },
  );
  const mayRun = useMay("housekeeping:run");
  const run = api.useMutation("post", "/api/v1/housekeeping-runs", { onSettled: useReask("/housekeeping-runs") });
  return (
    <Page
      title="Housekeeping"
      about="Each night, at the hour of the Nightly Sync, what the account doesn't keep any longer is removed. Values and files go within minutes of their time; the next night's report counts them."
      actions={
        mayRun && (
          <Button
            variant="default"
            leftSection={<IconTrash size={16} aria-hidden />}
            loading={run.isPending}
            onClick={() => run.mutate({})}
          >
            Remove it now
          </Button>
        )
      }
    >
      {run.isError && <ProblemAlert error={run.error} />}
      <Section
        title="What is kept"
        about="Members of groups and their history, recipients, what reports count, and the audit log always stay."
        actions={
          <Anchor component={Link} to="/admin/account" hash="kept" fz="sm">
            Change it
          </Anchor>
        }
      >
        <Loaded query={account} lines={4}>
          {(found) => <Kept account={found} />}
        </Loaded>
      </Section>
      <Section title="Last nights">
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

function Kept({ account }: { readonly account: Schema<"Account"> }) {
  const days = (kept: number | null) => (kept === null ? "for ever" : daysInWords(kept));
  return (
    <List size="sm" spacing={4}>
      <List.Item>
        Opens, clicks, other answers, and who was left out of a mailing: {days(account.mailingDetailKeptDays)}
      </List.Item>
      <List.Item>
        Stories of syncs, rows set aside that are gone, verdicts of nights: {days(account.syncDetailKeptDays)}
      </List.Item>
      <List.Item>Personal values that a mailing was filled with: {days(account.valuesKeptDays)}</List.Item>
      <List.Item>Uploaded files that nobody imported: {days(account.uploadsKeptDays)}</List.Item>
    </List>
  );
}

function Runs({ rows }: { readonly rows: readonly Run[] }) {
  const times = useTimes();
  const { duration } = useNumbers();
  const columns: readonly Column<Run>[] = [
    {
      id: "date",
      header: "Night of",
      cell: (run) => times.date(`${run.localDate}T12:00:00Z`),
    },
    { id: "state", header: "State", cell: (run) => <State run={run} /> },
    { id: "removed", header: "Removed", cell: (run) => <Removed run={run} /> },
    { id: "finished", header: "Finished", from: "sm", cell: (run) => <When at={run.finishedAt} never="—" /> },
    {
      id: "worked",
      header: "Worked",
      kind: "number",
      from: "md",
      cell: (run) => (run.startedAt ? duration(run.workedMs) : "—"),
    },
    {
      id: "by",
      header: "Begun by",
      from: "lg",
      cell: (run) => <bdi>{run.causedBy === "schedule" ? "the schedule" : run.causedBy}</bdi>,
    },
  ];
  return (
    <DataTable
      label="Last nights"
      columns={columns}
      rows={rows}
      idOf={(run) => run.id}
      empty={
        <Empty title="No night yet">The first comes at the hour of the Nightly Sync, with a worker running.</Empty>
      }
    />
  );
}

function State({ run }: { readonly run: Run }) {
  if (run.startedAt === null) return <ToneBadge tone="quiet">Waits for a worker</ToneBadge>;
  if (run.finishedAt === null) return <ToneBadge tone="busy">Running</ToneBadge>;
  const errors = Object.entries(run.errors);
  if (errors.length === 0) return <ToneBadge tone="good">Done</ToneBadge>;
  return (
    <>
      <ToneBadge tone="warn">Done in part</ToneBadge>
      {errors.map(([step, reason]) => (
        <Text key={step} size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {step.replaceAll("_", " ")}: {reason}
        </Text>
      ))}
    </>
  );
}

function Removed({ run }: { readonly run: Run }) {
  const { count } = useNumbers();
  const removed = Object.entries(run.removed).filter(([, rows]) => rows > 0);
  if (removed.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing
      </Text>
    );
  return removed.map(([kind, rows]) => (
    <div key={kind}>
      {count(rows)} {kinds[kind] ?? kind}
    </div>
  ));
}
