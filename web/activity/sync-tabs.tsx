import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../api/client.ts";
import { memberColumns } from "../subscribers/member-columns.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { useNumbers } from "../ui/numbers.ts";
import { Pager } from "../ui/pager.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { isOpen, type Sync } from "../ui/sync-words.ts";
import { setAsideBy } from "./numbers.tsx";
import { SetAside } from "./set-aside.tsx";
import { StoryLines } from "./story.tsx";

const route = getRouteApi("/shell/syncs/$syncId");
type Story = Schema<"SyncStory">;

/** Who was added and removed, what was set aside, and the log of the sync. (product 1.7, 1.8) */
export function SyncTabs({ story }: { readonly story: Story }) {
  const { sync } = story;
  const { count } = useNumbers();
  const showsPeople = sync.kind === "subscriber" && !sync.isDryRun && sync.state === "succeeded";
  const showsSetAside = sync.kind === "subscriber" && !isOpen(sync.state) && sync.rowsRead > 0;
  const { tab = showsPeople ? "added" : "log" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) => void navigate({ search: { tab: value as typeof tab }, resetScroll: false })}
    >
      <Tabs.List>
        {showsPeople && <Tabs.Tab value="added">Added ({count(sync.added)})</Tabs.Tab>}
        {showsPeople && <Tabs.Tab value="removed">Removed ({count(sync.removed)})</Tabs.Tab>}
        {showsSetAside && <Tabs.Tab value="set_aside">Set aside ({count(setAsideBy(sync))})</Tabs.Tab>}
        <Tabs.Tab value="log">Log</Tabs.Tab>
      </Tabs.List>
      {showsPeople && (
        <>
          <Tabs.Panel value="added" pt="md">
            <People sync={sync} kind="added" />
          </Tabs.Panel>
          <Tabs.Panel value="removed" pt="md">
            <People sync={sync} kind="removed" />
          </Tabs.Panel>
        </>
      )}
      {showsSetAside && (
        <Tabs.Panel value="set_aside" pt="md">
          <SetAside sync={sync} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="log" pt="md">
        <StoryLines story={story} />
      </Tabs.Panel>
    </Tabs>
  );
}

const columns = memberColumns("");

function People({ sync, kind }: { readonly sync: Sync; readonly kind: "added" | "removed" }) {
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const params = { path: { id: sync.id }, query: { kind, limit: 50, ...(cursor && { cursor }) } };
  const people = api.useQuery("get", "/api/v1/syncs/{id}/changes", { params });
  return (
    <Loaded query={people}>
      {({ items, next }) => (
        <>
          <DataTable
            label={kind === "added" ? "Who was added" : "Who was removed"}
            columns={columns}
            rows={items}
            idOf={(member) => String(member.subscriberId)}
            empty={<Empty title="Nobody" />}
          />
          <Pager
            cursor={cursor}
            next={next}
            onGo={(to) => void navigate({ search: { tab: kind, ...(to && { cursor: to }) }, resetScroll: false })}
          />
        </>
      )}
    </Loaded>
  );
}
