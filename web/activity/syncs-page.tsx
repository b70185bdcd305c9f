import { Anchor, Button, Group, Select, Text, TextInput } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { startOfDay } from "../ui/days.ts";
import { useNumbers } from "../ui/numbers.ts";
import { Page } from "../ui/page.tsx";
import { Pager } from "../ui/pager.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { isOpen, nameOf, outcomeLine, type Sync, stateWords, triggerWords } from "../ui/sync-words.ts";
import { useTimes, When } from "../ui/when.tsx";
import type { SyncsSearch } from "./routes.ts";

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
  return [
    {
      id: "what",
      header: "Sync",
      width: "26%",
      cell: (sync) => (
        <>
          <Anchor component={Link} to={`/syncs/${sync.id}`} fw={560}>
            <bdi>{nameOf(sync)}</bdi>
          </Anchor>
          {sync.isDryRun && (
            <Text span size="xs" c="dimmed" ms={6}>
              dry run
            </Text>
          )}
        </>
      ),
    },
    { id: "state", header: "Outcome", cell: (sync) => <StateBadge state={sync.state} /> },
    {
      id: "line",
      header: "What came of it",
      from: "md",
      cell: (sync) => (
        <Text inherit lineClamp={2} className="number" style={{ whiteSpace: "normal" }}>
          {outcomeLine(sync, numbers)}
        </Text>
      ),
    },
    { id: "trigger", header: "Trigger", from: "lg", cell: (sync) => triggerWords[sync.trigger] },
    { id: "by", header: "By", from: "lg", cell: (sync) => <bdi>{sync.requestedBy}</bdi> },
    { id: "at", header: "Asked for", from: "xs", cell: (sync) => <When at={sync.requestedAt} /> },
  ];
}

const options = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));
const states = Object.fromEntries(Object.entries(stateWords).map(([state, { word }]) => [state, word]));

/** What is shown; it stays in the address, to be sent to somebody. */
function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: { readonly [Name in keyof SyncsSearch]?: SyncsSearch[Name] | undefined }) => {
    const { cursor: _, ...kept } = search;
    const next = Object.entries({ ...kept, ...change }).filter(([, value]) => value !== undefined && value !== "");
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  const choice = (label: string, name: "kind" | "trigger" | "state", words: Record<string, string>) => (
    <Select
      label={label}
      placeholder="All"
      clearable
      data={options(words)}
      value={search[name] ?? null}
      onChange={(value) => go({ [name]: value ?? undefined })}
      flex="1 1 9rem"
    />
  );
  return (
    <Group align="end" gap="sm">
      {choice("Type", "kind", { list: "List sync", subscriber: "Subscriber sync" })}
      {choice("Trigger", "trigger", triggerWords)}
      {choice("Outcome", "state", states)}
      <TextInput
        label="From"
        type="date"
        value={search.from ?? ""}
        onChange={(event) => go({ from: event.currentTarget.value })}
        flex="1 1 9rem"
      />
      <TextInput
        label="To"
        type="date"
        value={search.to ?? ""}
        onChange={(event) => go({ to: event.currentTarget.value })}
        flex="1 1 9rem"
      />
      <TextInput
        label="Asked for by"
        placeholder="Exactly, as shown"
        defaultValue={search.by ?? ""}
        onBlur={(event) => go({ by: event.currentTarget.value.trim() })}
        onKeyDown={(event) => event.key === "Enter" && go({ by: event.currentTarget.value.trim() })}
        flex="1 1 11rem"
      />
      {(search.groupId || search.subscriberId) && (
        <Button variant="default" onClick={() => go({ groupId: undefined, subscriberId: undefined })}>
          {search.groupId ? "Of all groups" : "Of everybody"}
        </Button>
      )}
    </Group>
  );
}
