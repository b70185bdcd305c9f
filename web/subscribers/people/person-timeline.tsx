import { Anchor, Box, SegmentedControl, Text, Timeline } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { type Reason, reasonWords } from "../../mailings/instance/words.ts";
import { Pager } from "../../ui/pager.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { type Sync, triggerWords } from "../../ui/sync-words.ts";
import { Moment } from "../../ui/when.tsx";
import { eventWords, originWords, type PersonEvent, type Subject, subjects, writebackTitle } from "./event-words.ts";

const route = getRouteApi("/shell/subscribers/$subscriberId");

/** What happened to a person, the latest first; what it is about, and the page, stand in the address. (product 1.8) */
export function PersonTimeline({ id }: { readonly id: number }) {
  const { cursor, about } = route.useSearch();
  const navigate = route.useNavigate();
  const params = { path: { id }, query: { limit: 30, ...(about && { about }), ...(cursor && { cursor }) } };
  const timeline = api.useQuery(
    "get",
    "/api/v1/subscribers/{id}/history",
    { params },
    { placeholderData: keepPreviousData },
  );
  const go = (search: { cursor?: string; about?: Subject }, replace = false) =>
    void navigate({ search, replace, resetScroll: false });
  return (
    <Section title="Timeline" about="Everything that happened, the latest first.">
      <Box mb="md" style={{ overflowX: "auto" }}>
        <SegmentedControl
          size="xs"
          aria-label="What the timeline is about"
          data={[{ value: "", label: "All" }, ...subjects]}
          value={about ?? ""}
          onChange={(value) => go(value === "" ? {} : { about: value as Subject }, true)}
        />
      </Box>
      <Loaded query={timeline} lines={6}>
        {({ items, next }) => (
          <>
            {items.length === 0 && <Empty title="Nothing so far" />}
            <Timeline bulletSize={12} lineWidth={2}>
              {items.map((event) => (
                <Timeline.Item key={keyOf(event)} title={<Title event={event} />}>
                  <Text size="sm" c="dimmed" component="div">
                    <Moment at={event.at} />
                    <Cause event={event} />
                    <Why event={event} />
                  </Text>
                </Timeline.Item>
              ))}
            </Timeline>
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) => go({ ...(about && { about }), ...(to !== undefined && { cursor: to }) })}
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}

const keyOf = ({ kind, at, groupId, syncId, instanceId, reason }: PersonEvent) =>
  [kind, at, groupId, syncId, instanceId, reason].join(" ");

function Title({ event }: { readonly event: PersonEvent }) {
  if (event.kind === "writeback") return writebackTitle(event);
  const [to, name] =
    event.groupId !== null
      ? [`/target-groups/${event.groupId}`, event.groupName]
      : [`/instances/${event.instanceId}`, event.instanceName];
  if (name === null) return eventWords[event.kind];
  return (
    <>
      {eventWords[event.kind]}{" "}
      <Anchor component={Link} to={to}>
        <bdi>{name}</bdi>
      </Anchor>
    </>
  );
}

/** By which sync, and by whom. */
function Cause({ event: { syncId, trigger, requestedBy, origin } }: { readonly event: PersonEvent }) {
  const by = requestedBy && <bdi>{requestedBy}</bdi>;
  if (syncId !== null)
    return (
      <>
        {" "}
        by{" "}
        <Anchor component={Link} to={`/syncs/${syncId}`}>
          {triggerWords[trigger as Sync["trigger"]] ?? "a sync"}
        </Anchor>
        {by && <> ({by})</>}
      </>
    );
  if (origin !== null)
    return (
      <>
        {" "}
        {originWords[origin] ?? origin}
        {by && <> ({by})</>}
      </>
    );
  return by ? <> by {by}</> : null;
}

function Why({ event: { kind, reason } }: { readonly event: PersonEvent }) {
  if (reason === null) return null;
  const words = kind === "left_out" ? (reasonWords[reason as Reason] ?? reason) : reason;
  return (
    <>
      : <bdi style={{ overflowWrap: "anywhere" }}>{words}</bdi>
    </>
  );
}
