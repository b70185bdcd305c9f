import { Text, Timeline } from "@mantine/core";
import type { Schema } from "../api/client.ts";
import { useNumbers } from "../ui/numbers.ts";
import { stateWords, triggerWords } from "../ui/sync-words.ts";
import { Moment } from "../ui/when.tsx";

type Story = Schema<"SyncStory">;

/** Its steps in their order, each with how long it took, and everybody who asked for it. */
export function StoryLines({ story }: { readonly story: Story }) {
  const { events, requests } = story;
  const { duration } = useNumbers();
  return (
    <>
      <Timeline active={events.length} bulletSize={14} lineWidth={2}>
        {events.map(({ at, state, message }, line) => {
          const next = events[line + 1];
          const { word } = stateWords[state];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
            <Timeline.Item key={line} title={word}>
              {message !== word && <Text size="sm">{message}</Text>}
              <Text size="xs" c="dimmed" className="number" component="div">
                <Moment at={at} />
                {next && `, for ${duration(Date.parse(next.at) - Date.parse(at))}`}
              </Text>
            </Timeline.Item>
          );
        })}
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
