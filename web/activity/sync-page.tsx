import { Card, Group, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../api/client.ts";
import { useNumbers } from "../ui/numbers.ts";
import { Page } from "../ui/page.tsx";
import { SyncProgress } from "../ui/progress.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Loaded } from "../ui/states.tsx";
import { isOpen, nameOf, type Sync, triggerWords } from "../ui/sync-words.ts";
import { useTimes, When } from "../ui/when.tsx";
import { CopyLink } from "./copy-link.tsx";
import { headline } from "./headline.ts";
import { ListChanges } from "./list-changes.tsx";
import { SyncNumbers } from "./numbers.tsx";
import { Outcome } from "./outcome.tsx";
import { CancelSync, RunAgain } from "./run-again.tsx";
import { SyncTabs } from "./sync-tabs.tsx";
import { TechnicalDetail } from "./technical-detail.tsx";

const route = getRouteApi("/shell/syncs/$syncId");
type Story = Schema<"SyncStory">;

/** One sync: what it is, how far it is or what came of it, who came and went, and its story. (product 1.8) */
export function SyncPage() {
  const { syncId } = route.useParams();
  const story = api.useQuery(
    "get",
    "/api/v1/syncs/{id}",
    { params: { path: { id: syncId } } },
    { refetchInterval: ({ state }) => (state.data && isOpen(state.data.sync.state) ? 1000 : false) },
  );
  return (
    <Loaded query={story} lines={10} title="Sync">
      {(found) => <OneSync story={found} />}
    </Loaded>
  );
}

function OneSync({ story }: { readonly story: Story }) {
  const { sync } = story;
  const numbers = useNumbers();
  const times = useTimes();
  const took = sync.startedAt && sync.finishedAt ? Date.parse(sync.finishedAt) - Date.parse(sync.startedAt) : null;
  const hasRead = sync.rowsRead > 0 || sync.state === "succeeded" || sync.state === "held";
  const kind = sync.kind === "list" ? "List sync" : sync.isDryRun ? "Dry run" : "Subscriber sync";
  return (
    <Page
      title={`${kind}: ${nameOf(sync)}`}
      trail={[
        { label: "Syncs", to: "/syncs" },
        ...(sync.groupId ? [{ label: nameOf(sync), to: `/target-groups/${sync.groupId}` }] : []),
      ]}
      about={
        <Group gap={8}>
          <StateBadge state={sync.state} />
          <span>
            {triggerWords[sync.trigger]}, asked for by <bdi>{sync.requestedBy}</bdi> <When at={sync.requestedAt} />
            {took !== null && `; took ${numbers.duration(took)}`}
          </span>
        </Group>
      }
      actions={
        <>
          <CopyLink />
          <Actions sync={sync} />
        </>
      }
    >
      <Text fz="lg" fw={560} className="number" style={{ whiteSpace: "normal" }}>
        {headline(sync, numbers, times)}
      </Text>
      {isOpen(sync.state) && (
        <Card component="section" aria-label="Progress">
          <SyncProgress sync={sync} isHeadlined />
        </Card>
      )}
      <Outcome sync={sync} />
      {sync.kind === "list" && <ListChanges sync={sync} />}
      {sync.kind === "subscriber" && !isOpen(sync.state) && hasRead && <SyncNumbers sync={sync} />}
      <SyncTabs story={story} />
      <TechnicalDetail sync={sync} />
    </Page>
  );
}

/** Cancel while it is open; afterwards the same again. */
function Actions({ sync }: { readonly sync: Sync }) {
  if (isOpen(sync.state)) return <CancelSync sync={sync} />;
  return sync.state === "held" ? null : <RunAgain sync={sync} />;
}
