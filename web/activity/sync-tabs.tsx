import { Anchor, Tabs, Text, Timeline } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../api/client.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { useNumbers } from "../ui/numbers.ts";
import { Pager } from "../ui/pager.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Sync, stateWords, triggerWords } from "../ui/sync-words.ts";
import { Moment } from "../ui/when.tsx";

const route = getRouteApi("/shell/syncs/$syncId");
type Story = Schema<"SyncStory">;
type Member = Schema<"Member">;

/** Who came, who went, and the story of the sync. */
export function SyncTabs({ story }: { readonly story: Story }) {
  const { sync } = story;
  const { count } = useNumbers();
  const showsPeople = sync.kind === "subscriber" && !sync.isDryRun && sync.state === "succeeded";
  const { tab = showsPeople ? "added" : "log" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) => void navigate({ search: { tab: value as typeof tab }, resetScroll: false })}
    >
      <Tabs.List>
        {showsPeople && <Tabs.Tab value="added">Came ({count(sync.added)})</Tabs.Tab>}
        {showsPeople && <Tabs.Tab value="removed">Went ({count(sync.removed)})</Tabs.Tab>}
        <Tabs.Tab value="log">Story</Tabs.Tab>
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
      <Tabs.Panel value="log" pt="md">
        <StoryLines story={story} />
      </Tabs.Panel>
    </Tabs>
  );
}

const columns: readonly Column<Member>[] = [
  {
    id: "email",
    header: "E-mail address",
    cell: (member) => (
      <Anchor component={Link} to={`/subscribers/${member.subscriberId}`}>
        <bdi>{member.email}</bdi>
      </Anchor>
    ),
  },
  { id: "remoteId", header: "Remote ID", from: "sm", cell: (member) => member.remoteId },
];

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
            label={kind === "added" ? "Who came" : "Who went"}
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

/** Its steps in their order, and everybody who asked for it. */
function StoryLines({ story }: { readonly story: Story }) {
  const { events, requests } = story;
  return (
    <>
      <Timeline active={events.length} bulletSize={14} lineWidth={2}>
        {events.map(({ at, state, message }, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <Timeline.Item key={line} title={stateWords[state].word}>
            <Text size="sm">{message}</Text>
            <Text size="xs" c="dimmed">
              <Moment at={at} />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {requests.length > 1 && (
        <>
          <Text fw={600} mt="lg" mb={4}>
            Who asked for it
          </Text>
          {requests.map(({ at, trigger, requestedBy, joined }, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
            <Text size="sm" key={line} component="div">
              {triggerWords[trigger]}, <bdi>{requestedBy}</bdi>, <Moment at={at} />
              {joined && " (joined)"}
            </Text>
          ))}
        </>
      )}
    </>
  );
}
