import { Tabs, Text, Timeline } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Moment } from "../../ui/when.tsx";
import { LeftOut } from "./left-out.tsx";
import { Recipients } from "./recipients.tsx";
import { instanceWords } from "./words.ts";

const route = getRouteApi("/shell/instances/$instanceId");
type Story = Schema<"InstanceStory">;

/** Who gets it, who is left out and why, and its story. */
export function InstanceTabs({ story }: { readonly story: Story }) {
  const { instance } = story;
  const { count } = useNumbers();
  const isBuilt = instance.builtAt !== null;
  const { tab = isBuilt ? "recipients" : "story" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) => void navigate({ search: { tab: value as typeof tab }, resetScroll: false })}
    >
      <Tabs.List>
        {isBuilt && <Tabs.Tab value="recipients">Recipients ({count(instance.recipients)})</Tabs.Tab>}
        {isBuilt && <Tabs.Tab value="left_out">Left out ({count(instance.excluded)})</Tabs.Tab>}
        <Tabs.Tab value="story">Story</Tabs.Tab>
      </Tabs.List>
      {isBuilt && (
        <>
          <Tabs.Panel value="recipients" pt="md">
            <Recipients counts={story.recipients} />
          </Tabs.Panel>
          <Tabs.Panel value="left_out" pt="md">
            <LeftOut exclusions={story.exclusions} />
          </Tabs.Panel>
        </>
      )}
      <Tabs.Panel value="story" pt="md">
        <Lines events={story.events} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Lines({ events }: Pick<Story, "events">) {
  return (
    <Timeline active={events.length} bulletSize={14} lineWidth={2}>
      {events.map(({ at, state, message, by }, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
        <Timeline.Item key={line} title={line === 0 ? "Published" : instanceWords[state].word}>
          {message !== "Published" && <Text size="sm">{message}</Text>}
          <Text size="xs" c="dimmed" className="number" component="div">
            <Moment at={at} />
            {by && (
              <>
                , <bdi>{by}</bdi>
              </>
            )}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
