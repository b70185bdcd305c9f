import { Anchor, Button, Group, Stack } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Page } from "../../ui/page.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { Actions } from "./actions.tsx";
import { CategoryNote } from "./category-note.tsx";
import { Countdown } from "./countdown.tsx";
import { GroupSyncs } from "./group-syncs.tsx";
import { HoldBox } from "./hold-box.tsx";
import { InstanceTabs } from "./instance-tabs.tsx";
import { Sending } from "./sending.tsx";
import { Steps } from "./steps.tsx";
import { instanceWords, isMoving } from "./words.ts";

const route = getRouteApi("/shell/instances/$instanceId");
type Story = Schema<"InstanceStory">;

/** How often a publishing that moves is asked after; that something else happened, the stream of events says. */
const askMs = 1000;

/** One publishing: its steps, how far each is, what holds it, and who gets it. (product 4.2) */
export function InstancePage() {
  const { instanceId } = route.useParams();
  const story = api.useQuery(
    "get",
    "/api/v1/instances/{id}",
    { params: { path: { id: instanceId } } },
    { refetchInterval: ({ state }) => (state.data && isMoving(state.data.instance.state) ? askMs : false) },
  );
  return (
    <Loaded query={story} lines={10} title="Mailing">
      {(found) => <OneInstance story={found} />}
    </Loaded>
  );
}

function OneInstance({ story }: { readonly story: Story }) {
  const { instance } = story;
  const { word, tone } = instanceWords[instance.state];
  const hasSyncs = instance.syncingAt !== null && story.groups.length > 0;
  return (
    <Page
      title={instance.name}
      trail={[{ label: "Mailings", to: "/mailings" }]}
      about={
        <Group gap={8}>
          <ToneBadge tone={tone}>{word}</ToneBadge>
          <span>
            <Anchor component={Link} to={`/mailings/${instance.mailingId}`} c="inherit" underline="always">
              <bdi>{instance.subject || "No subject"}</bdi>
            </Anchor>
            , published by <bdi>{instance.publishedBy}</bdi> <When at={instance.publishedAt} />
          </span>
          <CategoryNote instance={instance} />
        </Group>
      }
      actions={
        <>
          {instance.sendingAt !== null && (
            <Button component={Link} to={`/instances/${instance.id}/report`} variant="default">
              Report
            </Button>
          )}
          <Actions instance={instance} />
        </>
      }
    >
      <Steps story={story} />
      {instance.state === "on_hold" && <HoldBox story={story} />}
      {instance.state === "counting_down" && <Countdown story={story} />}
      <Stack gap="lg">
        {instance.sendingAt !== null && <Sending story={story} />}
        {hasSyncs && <GroupSyncs story={story} />}
        <InstanceTabs story={story} />
      </Stack>
    </Page>
  );
}
