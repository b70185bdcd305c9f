import { Anchor, Button, Text, Timeline } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Schema } from "../../api/client.ts";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Moment } from "../../ui/when.tsx";

type Mailing = Schema<"PersonMailing">;

/** What a person was sent, and what they did with it, the latest first. */
export function PersonMailings({ id }: { readonly id: number }) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const found = api.useQuery("get", "/api/v1/subscribers/{id}/mailings", {
    params: { path: { id }, query: { limit: 10, ...(cursor && { cursor }) } },
  });
  return (
    <Section title="Mailings">
      <Loaded query={found} lines={3}>
        {({ items, next }) => (
          <>
            {items.length === 0 && <Text c="dimmed">No mailing went to this person yet.</Text>}
            <Timeline bulletSize={12} lineWidth={2}>
              {items.map((mailing) => (
                <Timeline.Item key={mailing.instanceId} title={<Name mailing={mailing} />}>
                  {eventsOf(mailing).map(([words, at]) => (
                    <Text key={words} size="sm" c="dimmed" component="div">
                      {words}
                      {at !== null && (
                        <>
                          {" "}
                          <Moment at={at} />
                        </>
                      )}
                    </Text>
                  ))}
                </Timeline.Item>
              ))}
            </Timeline>
            {(next !== null || cursor !== undefined) && (
              <Button.Group mt="sm">
                <Button
                  size="xs"
                  variant="default"
                  disabled={cursor === undefined}
                  onClick={() => setCursors(cursors.slice(0, -1))}
                >
                  Later
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  disabled={next === null}
                  onClick={() => next && setCursors([...cursors, next])}
                >
                  Earlier
                </Button>
              </Button.Group>
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Name({ mailing }: { readonly mailing: Mailing }) {
  return (
    <Anchor component={Link} to={`/instances/${mailing.instanceId}`}>
      <bdi>{mailing.name}</bdi>
    </Anchor>
  );
}

/** Its steps in words, in the order in which they happen. */
function eventsOf(mailing: Mailing): readonly (readonly [string, string | null])[] {
  const { state, sentAt, bouncedAt, reason, openedAt, clickedAt, links, unsubscribedAt, complainedAt } = mailing;
  const happened: readonly (readonly [string, string | null])[] = [
    ["Sent", sentAt],
    [reason ? `Bounced: ${reason}` : "Bounced", bouncedAt],
    ["Opened (estimate)", openedAt],
    [links.length > 0 ? `Clicked ${links.map((link) => `“${link}”`).join(", ")}; first` : "Clicked", clickedAt],
    ["Unsubscribed", unsubscribedAt],
    ["Complained", complainedAt],
  ];
  const known = happened.filter(([, at]) => at !== null);
  if (known.length > 0) return known;
  if (state === "refused") return [[reason ? `Refused: ${reason}` : "Refused", null]];
  if (state === "unsure") return [["Unsure whether it arrived: it was cut off while being handed over", null]];
  return [[state === "cancelled" ? "Cancelled before it was sent" : "Not sent yet", null]];
}
