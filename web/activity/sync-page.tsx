import { Alert, Anchor, Button, Card, Code, Group, SimpleGrid, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { useNumbers } from "../ui/numbers.ts";
import { Page } from "../ui/page.tsx";
import { SyncProgress } from "../ui/progress.tsx";
import { Section } from "../ui/section.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Loaded } from "../ui/states.tsx";
import { isOpen, nameOf, outcomeLine, type Sync, triggerWords } from "../ui/sync-words.ts";
import { tell, tellProblem } from "../ui/toasts.tsx";
import { When } from "../ui/when.tsx";
import { ListChanges } from "./list-changes.tsx";
import { SyncTabs } from "./sync-tabs.tsx";

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
    <Loaded query={story} lines={10}>
      {(found) => <OneSync story={found} />}
    </Loaded>
  );
}

function OneSync({ story }: { readonly story: Story }) {
  const { sync } = story;
  const numbers = useNumbers();
  const took = sync.startedAt && sync.finishedAt ? Date.parse(sync.finishedAt) - Date.parse(sync.startedAt) : null;
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
      actions={<Actions sync={sync} />}
    >
      {isOpen(sync.state) && (
        <Card component="section" aria-label="Progress">
          <SyncProgress sync={sync} />
        </Card>
      )}
      <Outcome sync={sync} />
      {sync.kind === "subscriber" ? <Numbers sync={sync} /> : <ListChanges sync={sync} />}
      <SyncTabs story={story} />
    </Page>
  );
}

/** What went wrong or waits: cause, consequence, next step. */
function Outcome({ sync }: { readonly sync: Sync }) {
  const numbers = useNumbers();
  if (sync.state === "failed") {
    return (
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="It failed; nothing was changed" role="alert">
        {sync.errorMessage}{" "}
        {sync.kind === "subscriber"
          ? "The group still shows what its last good sync read."
          : "The list of target groups is as it was."}{" "}
        A sync that is run again begins anew.
        {sync.errorDetail && (
          <Code block mt="sm">
            {sync.errorDetail}
          </Code>
        )}
      </Alert>
    );
  }
  if (sync.state === "held") {
    return (
      <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title="Held: nothing was changed" role="alert">
        {sync.heldReason}
        <div>
          <Button component={Link} to={`/syncs/${sync.id}/review`} size="xs" mt="sm" variant="default">
            Review who would come and go
          </Button>
        </div>
      </Alert>
    );
  }
  if (sync.state === "cancelled") return <Alert color="gray">{outcomeLine(sync, numbers)}. Nothing was changed.</Alert>;
  if (sync.state === "succeeded" && sync.isDryRun) {
    return (
      <Alert color="step" title="Nothing was changed">
        This is what a resync would do.{" "}
        <Anchor component={Link} to={`/syncs/${sync.id}/review`}>
          Who would come and go
        </Anchor>
      </Alert>
    );
  }
  return null;
}

function Numbers({ sync }: { readonly sync: Sync }) {
  const { count, change } = useNumbers();
  const setAside = sync.unusable + sync.withoutAddress + sync.malformedAddress + sync.duplicate;
  const would = sync.isDryRun || sync.state === "held" ? "would have " : "";
  const figures = [
    [`${would}come`.replace(/^come$/, "came"), change(sync.added)],
    [would ? "would have gone" : "went", change(-sync.removed)],
    [would ? "would have changed" : "changed", count(sync.updated)],
    ["set aside", count(setAside)],
    ["records read", count(sync.rowsRead)],
  ];
  return (
    <Section title="In numbers">
      <SimpleGrid cols={{ base: 2, xs: 3, md: 5 }}>
        {figures.map(([word, figure]) => (
          <div key={word}>
            <Text fz="1.5rem" fw={620} className="number" lh={1.2}>
              {figure}
            </Text>
            <Text size="sm" c="dimmed">
              {word}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      {setAside > 0 && sync.groupId && sync.state === "succeeded" && (
        <Text size="sm" mt="sm">
          <Anchor component={Link} to={`/target-groups/${sync.groupId}?step=total_records`}>
            What was set aside, with reasons
          </Anchor>
        </Text>
      )}
    </Section>
  );
}

function Actions({ sync }: { readonly sync: Sync }) {
  const mayCancel = useMay("syncs:cancel");
  const mayRequest = useMay("syncs:request");
  const onSettled = useReask("/syncs", "/target-groups", "/home");
  const options = { onError: tellProblem, onSettled };
  const cancel = api.useMutation("post", "/api/v1/syncs/{id}/cancel", options);
  const resync = api.useMutation("post", "/api/v1/target-groups/{id}/resync", {
    ...options,
    onSuccess: ({ sync: next }) =>
      tell({ title: "A new sync waits for its turn", link: { to: `/syncs/${next.id}`, label: "Watch it" } }),
  });
  if (isOpen(sync.state)) {
    return (
      mayCancel && (
        <Button
          variant="default"
          loading={cancel.isPending}
          disabled={sync.cancelRequestedBy !== null}
          onClick={() => cancel.mutate({ params: { path: { id: sync.id } } })}
        >
          {sync.cancelRequestedBy === null ? "Cancel" : "Is being cancelled"}
        </Button>
      )
    );
  }
  if (!mayRequest || !sync.groupId || sync.state === "held") return null;
  const path = { id: sync.groupId };
  return (
    <Button
      variant="default"
      leftSection={<IconRefresh size={16} aria-hidden />}
      loading={resync.isPending}
      onClick={() => resync.mutate({ params: { path } })}
    >
      Run again
    </Button>
  );
}
