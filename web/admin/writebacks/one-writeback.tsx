import { Anchor, Code, Drawer, Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Moment } from "../../ui/when.tsx";
import { Retry } from "./retry.tsx";
import { typeWords, type Writeback, writebackWords } from "./words.ts";
import { Person } from "./writeback-table.tsx";

interface Props {
  /** Null: none is open. */
  readonly id: number | null;
  readonly onClose: () => void;
}

/** All that is known of one writeback. */
export function OneWriteback({ id, onClose }: Props) {
  return (
    <Drawer opened={id !== null} onClose={onClose} position="right" size="md" title="Writeback">
      {id !== null && <Details id={id} />}
    </Drawer>
  );
}

function Details({ id }: { readonly id: number }) {
  const found = api.useQuery("get", "/api/v1/writebacks/{id}", { params: { path: { id } } });
  return <Loaded query={found}>{(writeback) => <Shown writeback={writeback} />}</Loaded>;
}

function Shown({ writeback }: { readonly writeback: Writeback }) {
  const { count } = useNumbers();
  const { state, type, errorMessage, errorDetail, supersededBy } = writeback;
  const { word, tone, about } = writebackWords[state];
  const lines: readonly (readonly [string, ReactNode] | false)[] = [
    ["Person", <Person key="person" writeback={writeback} />],
    ["Customer key", <bdi key="key">{writeback.remoteId}</bdi>],
    ["Decided", <Moment key="decided" at={writeback.decidedAt} />],
    ["Reason", <bdi key="reason">{writeback.reason ?? "None was given"}</bdi>],
    ["Tries", count(writeback.tries)],
    state === "ready" && ["Goes out", <Moment key="due" at={writeback.dueAt} />],
    writeback.endedAt !== null && [word, <Moment key="ended" at={writeback.endedAt} />],
    supersededBy !== null && [
      "In its place",
      <Anchor
        key="next"
        component={Link}
        to="/admin/bridge/writebacks"
        search={((kept: object) => ({ ...kept, open: supersededBy })) as never}
        replace
      >
        The later decision
      </Anchor>,
    ],
  ];
  return (
    <Stack>
      <Group gap={8}>
        <Text fw={620}>{typeWords[type]}</Text>
        <ToneBadge tone={tone}>{word}</ToneBadge>
        <Text size="sm" c="dimmed">
          It {about}.
        </Text>
      </Group>
      <Table variant="vertical" layout="fixed" aria-label="About this writeback">
        <Table.Tbody>
          {lines
            .filter((line) => line !== false)
            .map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th w={120}>{name}</Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
      {errorMessage !== null && state !== "sent" && (
        <div>
          <Text size="sm" fw={500}>
            What netFORUM Pro said to the last try
          </Text>
          <Text size="sm">{errorMessage}</Text>
          {errorDetail !== null && (
            <Code block mt="xs" style={{ whiteSpace: "pre-wrap" }}>
              {errorDetail}
            </Code>
          )}
        </div>
      )}
      {state === "failed" && (
        <Group>
          <Retry ids={[writeback.id]}>Retry</Retry>
        </Group>
      )}
    </Stack>
  );
}
