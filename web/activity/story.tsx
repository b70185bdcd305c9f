import { Text, Timeline } from "@mantine/core";
import type { Schema } from "../api/client.ts";
import { type Numbers, useNumbers } from "../ui/numbers.ts";
import { isRunning, stateWords, triggerWords } from "../ui/sync-words.ts";
import { Moment } from "../ui/when.tsx";

type Story = Schema<"SyncStory">;

/** The log with the moment the reading began, which is kept on the sync itself. */
function stepsOf({ sync, events }: Story, count: Numbers["count"]): Story["events"] {
  const { startedAt } = sync;
  if (startedAt === null || events.some(({ state }) => isRunning(state))) return events;
  const began = { at: startedAt, state: "reading", message: `${count(sync.rowsRead)} records read` } as const;
  // What ended in the very millisecond it began is told after its reading.
  const before = events.filter(({ at, state }) => state === "queued" && Date.parse(at) <= Date.parse(startedAt));
  return [...before, began, ...events.slice(before.length)];
}

/** Its steps in their order, each with how long it took, and everybody who asked for it. */
export function StoryLines({ story }: { readonly story: Story }) {
  const { requests, requestsInAll } = story;
  const untold = story.eventsInAll - story.events.length;
  const { count, duration } = useNumbers();
  const events = stepsOf(story, count);
  return (
    <>
      {untold > 0 && (
        <Text size="sm" c="dimmed" mb="sm">
          {count(untold)} earlier steps are not shown.
        </Text>
      )}
      <Timeline active={events.length} bulletSize={14} lineWidth={2}>
        {events.map(({ at, state, message }, line) => {
          const next = events[line + 1];
          const { word } = stateWords[state];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
            <Timeline.Item key={line} title={word}>
              {message !== word && <Text size="sm">{message.replace(`${word}: `, "")}</Text>}
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
          {requestsInAll > requests.length && (
            <Text size="sm" c="dimmed">
              and {count(requestsInAll - requests.length)} more
            </Text>
          )}
        </>
      )}
    </>
  );
}
