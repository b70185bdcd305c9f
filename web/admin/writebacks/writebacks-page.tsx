import { Button, Group, Tabs, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/client.ts";
import { startOfDay } from "../../ui/days.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { useTimes, When } from "../../ui/when.tsx";
import { Filters } from "./filters.tsx";
import { OneWriteback } from "./one-writeback.tsx";
import { Picture } from "./picture.tsx";
import { Retry } from "./retry.tsx";
import type { WritebacksSearch } from "./routes.ts";
import { SendNow } from "./send-now.tsx";
import { Trouble } from "./trouble.tsx";
import { type Summary, type WritebackState, writebackStates, writebackWords } from "./words.ts";
import { WritebackTable } from "./writeback-table.tsx";

const route = getRouteApi("/shell/admin/bridge/writebacks");

/** Admin › Setup › Bridge Configuration › Writebacks: what goes back to netFORUM Pro, and how it stands. (product 5.3) */
export function WritebacksPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: WritebacksSearch) => void navigate({ search: next, resetScroll: false });
  const summary = api.useQuery(
    "get",
    "/api/v1/writebacks/summary",
    {},
    { refetchInterval: ({ state }) => askMs(state.data) },
  );
  const { counts, days, nextDueAt } = summary.data ?? {};
  const { count } = useNumbers();
  const isEmpty = counts !== undefined && Object.values(counts).every((people) => people === 0);
  const { state, open, cursor: _, ...kept } = search;
  const tab = state ?? "all";
  const tabs = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the chosen one may stand beyond the edge.
    if (counts && tab !== "all") scrollToChosen(tabs.current);
  }, [counts, tab]);
  return (
    <Page
      title="Writebacks"
      trail={[{ label: "Bridge Configuration", to: "/admin/bridge" }]}
      about={
        <>
          Unsubscribes, bad e-mail addresses, and resubscribes by an administrator go back to netFORUM Pro every 10
          minutes.
          {nextDueAt && (
            <>
              {" "}
              {Date.parse(nextDueAt) > Date.now() ? (
                <>
                  The next go out <When at={nextDueAt} isAhead />.
                </>
              ) : (
                "Some are due now."
              )}
            </>
          )}
        </>
      }
      actions={summary.data && !isEmpty && <SendNow summary={summary.data} />}
    >
      <Trouble summary={summary.data} />
      {isEmpty ? (
        <NothingYet />
      ) : (
        <>
          {summary.isError && !days && <Loaded query={summary}>{() => null}</Loaded>}
          {days && <Picture days={days} />}
          <Tabs
            value={tab}
            onChange={(to) => go({ ...kept, ...(to && to !== "all" && { state: to as WritebackState }) })}
          >
            <Tabs.List ref={tabs} aria-label="State">
              {(["all", ...writebackStates] as const).map((one) => (
                <Tabs.Tab
                  key={one}
                  value={one}
                  style={{ flexShrink: 0 }}
                  {...(one !== "all" &&
                    counts?.[one] && { rightSection: <span className="number">{count(counts[one])}</span> })}
                >
                  {one === "all" ? "All" : writebackWords[one].word}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {(["all", ...writebackStates] as const).map((one) => (
              <Tabs.Panel key={one} value={one} pt="md">
                {one === tab && <List search={search} every={askMs(summary.data)} onGo={go} />}
              </Tabs.Panel>
            ))}
          </Tabs>
        </>
      )}
      <OneWriteback
        id={open ?? null}
        onClose={() => {
          const { open: _, ...rest } = search;
          go(rest);
        }}
      />
    </Page>
  );
}

/** Sideways only: the page stays where it is. */
function scrollToChosen(list: HTMLElement | null): void {
  const chosen = list?.querySelector<HTMLElement>("[aria-selected=true]");
  if (list && chosen) list.scrollLeft = chosen.offsetLeft - list.offsetLeft - 16;
}

/** How soon what goes out is looked at again: the stream of events tells of new ones and of failures, not of each that was sent. */
function askMs(summary: Summary | undefined): number | false {
  if (!summary) return false;
  const { counts, nextDueAt } = summary;
  const isDue = nextDueAt !== null && new Date(nextDueAt).getTime() <= Date.now();
  if (counts.processing > 0 || isDue) return 2000;
  return counts.ready > 0 ? 10_000 : false;
}

function NothingYet() {
  return (
    <Empty title="Nothing to write back so far">
      When somebody from netFORUM Pro unsubscribes here, or an address turns out to be bad, it stands here within a
      moment and goes to netFORUM Pro at the next tick: Do Not Email is set there. Who is not in netFORUM Pro makes no
      writeback.
    </Empty>
  );
}

interface ListProps {
  readonly search: WritebacksSearch;
  /** Asked again so often, in milliseconds. */
  readonly every: number | false;
  readonly onGo: (next: WritebacksSearch) => void;
}

function List({ search, every, onGo }: ListProps) {
  const { timeZone } = useTimes();
  const { count } = useNumbers();
  const { state, type, search: words, from, to, cursor } = search;
  const shown = JSON.stringify([state, type, words, from, to, cursor]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen among others is chosen no more
  useEffect(() => setSelected(new Set()), [shown]);
  const query = {
    limit: 50,
    ...(state && { state: [state] }),
    ...(type && { type: [type] }),
    ...(words && { search: words }),
    ...(from && { from: startOfDay(from, timeZone) }),
    ...(to && { to: startOfDay(to, timeZone, 1) }),
    ...(cursor && { cursor }),
  };
  const writebacks = api.useQuery(
    "get",
    "/api/v1/writebacks",
    { params: { query } },
    { placeholderData: keepPreviousData, refetchInterval: every },
  );
  const change = (wanted: object) => {
    const { cursor: _, ...kept } = search;
    const next = Object.entries({ ...kept, ...wanted }).filter(([, value]) => value !== undefined);
    onGo(Object.fromEntries(next));
  };
  const isFiltered = [type, words, from, to].some((value) => value !== undefined);
  const clear = () => onGo(state ? { state } : {});
  const ids = (writebacks.data?.items ?? [])
    .filter((one) => selected.has(String(one.id)) && one.state === "failed")
    .map(({ id }) => id);
  return (
    <>
      <Filters search={search} onChange={change} onClear={isFiltered ? clear : null} />
      {ids.length > 0 && (
        <Group mb="sm" gap="sm" role="region" aria-label="Chosen writebacks">
          <Text size="sm" aria-live="polite">
            {count(ids.length)} chosen
          </Text>
          <Retry ids={ids} size="xs" onDone={() => setSelected(new Set())}>
            Retry the chosen
          </Retry>
          <Button size="xs" variant="subtle" onClick={() => setSelected(new Set())}>
            Choose none
          </Button>
        </Group>
      )}
      <Loaded query={writebacks} lines={10}>
        {({ items, next }) => (
          <div style={{ opacity: writebacks.isPlaceholderData ? 0.6 : 1 }}>
            <WritebackTable
              items={items}
              selecting={{ ids: selected, onChange: setSelected }}
              onOpen={(open) => onGo({ ...search, open })}
              empty={
                isFiltered ? (
                  <Empty
                    title="No writeback is like that"
                    action={
                      <Button variant="default" onClick={clear}>
                        Clear the filter
                      </Button>
                    }
                  />
                ) : (
                  <Empty title={state ? `None is ${writebackWords[state].word.toLowerCase()}` : "None"}>
                    {state && `A writeback stands here while it ${writebackWords[state].about}.`}
                  </Empty>
                )
              }
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) => {
                const { cursor: _, ...kept } = search;
                onGo({ ...kept, ...(to && { cursor: to }) });
              }}
            />
          </div>
        )}
      </Loaded>
    </>
  );
}
