import { Anchor, Badge, Button, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { startOfDay } from "../ui/days.ts";
import { useNumbers } from "../ui/numbers.ts";
import { Page } from "../ui/page.tsx";
import { Pager } from "../ui/pager.tsx";
import { SyncProgress } from "../ui/progress.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { isOpen, isRunning, nameOf, outcomeLine, type Sync, triggerWords } from "../ui/sync-words.ts";
import { useTimes, When } from "../ui/when.tsx";
import { Filters } from "./filters.tsx";

const route = getRouteApi("/shell/syncs");

/** Activity › Syncs: every sync of the account, the latest first, live. */
export function SyncsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { timeZone } = useTimes();
  const { cursor, by, from, to, trigger, state, ...filter } = search;
  const query = {
    ...filter,
    limit: 50,
    ...(trigger && { trigger: [trigger] }),
    ...(state && { state: [state] }),
    ...(by && { requestedBy: by }),
    ...(from && { from: startOfDay(from, timeZone) }),
    ...(to && { to: startOfDay(to, timeZone, 1) }),
    ...(cursor && { cursor }),
  };
  const syncs = api.useQuery(
    "get",
    "/api/v1/syncs",
    { params: { query } },
    {
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) => (state.data?.items.some((sync) => isOpen(sync.state)) ? 2000 : false),
    },
  );
  const columns = useColumns();
  const isFiltered = Object.keys(search).some((name) => name !== "cursor");
  return (
    <Page
      title="Syncs"
      about="Every sync can be looked back at: who or what caused it, what it found, and what came of it."
    >
      <Filters />
      <Loaded query={syncs} lines={12}>
        {({ items, next }) => (
          <>
            <DataTable
              label="Syncs"
              columns={columns}
              rows={items}
              idOf={(sync) => sync.id}
              empty={
                isFiltered ? (
                  <Empty
                    title="No sync is like that"
                    action={
                      <Button variant="default" onClick={() => void navigate({ search: {} })}>
                        Clear the filter
                      </Button>
                    }
                  />
                ) : (
                  <Empty title="No sync so far">
                    The first comes with Refresh Target Group List in Bridge Configuration.
                  </Empty>
                )
              }
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(go) => {
                const { cursor: _, ...kept } = search;
                void navigate({ search: { ...kept, ...(go && { cursor: go }) } });
              }}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function useColumns(): readonly Column<Sync>[] {
  const numbers = useNumbers();
  const times = useTimes();
  return [
    {
      id: "what",
      header: "Sync",
      width: "18rem",
      cell: (sync) => (
        <>
          <Anchor component={Link} to={`/syncs/${sync.id}`} fw={560}>
            <bdi>{nameOf(sync)}</bdi>
          </Anchor>
          {sync.isDryRun && (
            <Badge color="gray" ms={6}>
              Dry run
            </Badge>
          )}
          <Text size="xs" c="dimmed" className="number" hiddenFrom="md" style={{ whiteSpace: "normal" }}>
            {outcomeLine(sync, numbers, times)}
          </Text>
          <Text size="xs" c="dimmed" component="div" hiddenFrom="xs">
            <When at={sync.requestedAt} />
          </Text>
        </>
      ),
    },
    { id: "state", header: "Outcome", cell: (sync) => <StateBadge state={sync.state} /> },
    {
      id: "line",
      header: "What came of it",
      from: "md",
      cell: (sync) =>
        isRunning(sync.state) ? (
          <SyncProgress sync={sync} />
        ) : (
          <Text inherit lineClamp={2} className="number" style={{ whiteSpace: "normal" }}>
            {outcomeLine(sync, numbers, times)}
          </Text>
        ),
    },
    {
      id: "trigger",
      header: "Trigger, by",
      from: "lg",
      cell: (sync) => (
        <div style={{ minWidth: "9rem", maxWidth: "14rem", overflowWrap: "anywhere" }}>
          {triggerWords[sync.trigger]}
          <Anchor
            component={Link}
            to={`/syncs?by=${encodeURIComponent(sync.requestedBy)}`}
            title="Only what they asked for"
            display="block"
            fz="xs"
          >
            <bdi>{sync.requestedBy}</bdi>
          </Anchor>
        </div>
      ),
    },
    { id: "at", header: "Asked for", from: "xs", cell: (sync) => <When at={sync.requestedAt} /> },
  ];
}
