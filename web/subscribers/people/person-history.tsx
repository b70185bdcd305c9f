import { Anchor, Text, Timeline } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Pager } from "../../ui/pager.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { type Sync, triggerWords } from "../../ui/sync-words.ts";
import { Moment } from "../../ui/when.tsx";

const route = getRouteApi("/shell/subscribers/$subscriberId");
type PersonEvent = Schema<"PersonEvent">;

const words: Record<PersonEvent["kind"], string> = {
  created: "Came to Lockstep",
  joined: "Came into",
  left: "Left",
  unsubscribed: "Unsubscribed",
  resubscribed: "Resubscribed",
  bad_email: "Bad e-mail",
};

/** What happened to a person, the latest first. */
export function PersonHistory({ id }: { readonly id: number }) {
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const params = { path: { id }, query: { limit: 30, ...(cursor && { cursor }) } };
  const history = api.useQuery("get", "/api/v1/subscribers/{id}/history", { params });
  return (
    <Section title="History">
      <Loaded query={history} lines={4}>
        {({ items, next }) => (
          <>
            <Timeline bulletSize={12} lineWidth={2}>
              {items.map((event) => (
                <Timeline.Item key={`${event.kind} ${event.at} ${event.groupId}`} title={<Title event={event} />}>
                  <Text size="sm" c="dimmed" component="div">
                    <Moment at={event.at} />
                    {event.syncId && (
                      <>
                        {" "}
                        by{" "}
                        <Anchor component={Link} to={`/syncs/${event.syncId}`}>
                          {triggerWords[event.trigger as Sync["trigger"]] ?? "a sync"}
                        </Anchor>
                        {event.requestedBy && (
                          <>
                            {" "}
                            (<bdi>{event.requestedBy}</bdi>)
                          </>
                        )}
                      </>
                    )}
                    {event.syncId === null && event.requestedBy && (
                      <>
                        {" "}
                        by <bdi>{event.requestedBy}</bdi>
                      </>
                    )}
                    {event.reason && (
                      <>
                        : <bdi>{event.reason}</bdi>
                      </>
                    )}
                  </Text>
                </Timeline.Item>
              ))}
            </Timeline>
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) => void navigate({ search: to === undefined ? {} : { cursor: to }, resetScroll: false })}
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Title({ event }: { readonly event: PersonEvent }) {
  if (event.groupId === null) return words[event.kind];
  return (
    <>
      {words[event.kind]}{" "}
      <Anchor component={Link} to={`/target-groups/${event.groupId}`}>
        <bdi>{event.groupName}</bdi>
      </Anchor>
    </>
  );
}
