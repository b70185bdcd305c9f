import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Schema } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { tellProblem } from "../../ui/toasts.tsx";
import { When } from "../../ui/when.tsx";

/** Bounces of a flood, about which an administrator decides; nothing where there are none. (product 4.5) */
export function HeldBounces({ instanceId }: { readonly instanceId: string }) {
  const held = api.useQuery("get", "/api/v1/held-bounces");
  const own = held.data?.items.find((one) => one.instanceId === instanceId);
  return own ? <Held held={own} /> : null;
}

function Held({ held }: { readonly held: Schema<"HeldBounces"> }) {
  const { permissions } = useMe();
  const { count } = useNumbers();
  const reask = useReask("/held-bounces", "/instances", "/home", "/subscribers");
  const options = { onSettled: reask, onError: tellProblem };
  const apply = api.useMutation("post", "/api/v1/instances/{id}/held-bounces/apply", options);
  const discard = api.useMutation("post", "/api/v1/instances/{id}/held-bounces/discard", options);
  const params = { path: { id: held.instanceId } };
  const who = held.people === 1 ? "one address" : `${count(held.people)} addresses`;
  return (
    <Section title="Held bounces" about="They came in a flood: whether the addresses are bad is yours to say.">
      <Stack gap="md">
        <Alert color="orange" title={`Mail to ${who} came back`}>
          <Text size="sm">
            They came{" "}
            {Date.parse(held.lastAt) - Date.parse(held.firstAt) > 60_000 && (
              <>
                from <When at={held.firstAt} /> to{" "}
              </>
            )}
            <When at={held.lastAt} />, so many within an hour that something else may be wrong. Look first whether your
            relay or your domain was refused: then the addresses are good. The servers said most often:
          </Text>
          <ul style={{ margin: "8px 0 0", paddingInlineStart: "1.25rem" }}>
            {held.reasons.map(({ reason, people }) => (
              <li key={reason}>
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  <bdi>{reason || "nothing"}</bdi> ({count(people)})
                </Text>
              </li>
            ))}
          </ul>
          {held.stillMarked > 0 && (
            <Text size="sm" mt="xs">
              netFORUM Pro had been told of {held.stillMarked === held.people ? "them" : count(held.stillMarked)} before
              the flood was known: they stay marked as bad until this is decided. Discard them, and the mark goes, here
              and in netFORUM Pro.
            </Text>
          )}
        </Alert>
        {permissions.includes("subscribers:change") ? (
          <Group>
            <Button loading={discard.isPending} disabled={apply.isPending} onClick={() => discard.mutate({ params })}>
              Discard: mark nobody
            </Button>
            <Button
              variant="default"
              loading={apply.isPending}
              disabled={discard.isPending}
              onClick={() => apply.mutate({ params })}
            >
              Apply: mark {who} as bad
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            An administrator applies or discards them.
          </Text>
        )}
        {permissions.includes("subscribers:read") && <Who instanceId={held.instanceId} />}
      </Stack>
    </Section>
  );
}

/** What the server said, and that the AMS knows of it already. */
function Said({ bounce: { reason, isStillMarked } }: { readonly bounce: Schema<"HeldBounce"> }) {
  return (
    <>
      <bdi>{reason}</bdi>
      {isStillMarked && (
        <Text size="xs" c="dimmed" component="div">
          Marked as bad; netFORUM Pro knows
        </Text>
      )}
    </>
  );
}

const columns: readonly Column<Schema<"HeldBounce">>[] = [
  {
    id: "email",
    header: "E-mail address",
    cell: (bounce) => (
      <>
        <Anchor component={Link} to={`/subscribers/${bounce.subscriberId}`}>
          <Address email={bounce.email} />
        </Anchor>
        <Text size="xs" c="dimmed" component="div" hiddenFrom="sm">
          <Said bounce={bounce} />
        </Text>
      </>
    ),
  },
  { id: "reason", header: "What the server said", from: "sm", cell: (bounce) => <Said bounce={bounce} /> },
  { id: "at", header: "When", from: "sm", cell: ({ at }) => <When at={at} /> },
];

function Who({ instanceId }: { readonly instanceId: string }) {
  const [cursor, setCursor] = useState<string>();
  const people = api.useQuery(
    "get",
    "/api/v1/instances/{id}/held-bounces",
    { params: { path: { id: instanceId }, query: { limit: 10, ...(cursor && { cursor }) } } },
    { placeholderData: keepPreviousData },
  );
  return (
    <Loaded query={people} lines={4}>
      {({ items, next }) => (
        <>
          <DataTable
            label="Held bounces"
            columns={columns}
            rows={items}
            idOf={({ place }) => String(place)}
            empty={<Empty title="Nobody" />}
          />
          {(cursor || next) && (
            <Group gap="xs" mt="sm" justify="flex-end">
              <Button variant="default" size="xs" disabled={!cursor} onClick={() => setCursor(undefined)}>
                First 10
              </Button>
              <Button variant="default" size="xs" disabled={!next} onClick={() => setCursor(next ?? undefined)}>
                Next 10
              </Button>
            </Group>
          )}
        </>
      )}
    </Loaded>
  );
}
