import { ActionIcon, Anchor, Group, Text, type TextProps, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../api/me.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable, type Selecting } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { When } from "../../ui/when.tsx";
import { Retry } from "./retry.tsx";
import { personOf, typeWords, type Writeback, writebackWords } from "./words.ts";

interface Props {
  readonly items: readonly Writeback[];
  readonly selecting: Selecting;
  readonly onOpen: (id: number) => void;
  readonly empty: ReactNode;
}

/** One page of the Writeback List, the latest decision first. Only failed ones can be chosen, to be tried again. */
export function WritebackTable({ items, selecting, onOpen, empty }: Props) {
  const maySend = useMay("writebacks:send");
  const hasFailed = items.some(({ state }) => state === "failed");
  return (
    <DataTable
      label="Writebacks"
      columns={useColumns(onOpen)}
      rows={items}
      idOf={({ id }) => String(id)}
      nameOf={(one) => `${typeWords[one.type]} of ${personOf(one)}`}
      canSelect={({ state }) => state === "failed"}
      {...(maySend && hasFailed && { selecting })}
      empty={empty}
    />
  );
}

function useColumns(onOpen: (id: number) => void): readonly Column<Writeback>[] {
  return [
    {
      id: "person",
      header: "Person",
      cell: (one) => (
        // Addresses may break anywhere, so they have no width of their own.
        <div style={{ minWidth: "min(11.5rem, 36vw)" }}>
          <Person writeback={one} />
          <Text size="xs" c="dimmed" component="div" hiddenFrom="sm">
            {typeWords[one.type]}, <When at={one.decidedAt} />
          </Text>
          <Said writeback={one} hiddenFrom="sm" />
        </div>
      ),
    },
    { id: "type", header: "Type", from: "sm", cell: ({ type }) => typeWords[type] },
    { id: "decided", header: "Decided", from: "sm", cell: ({ decidedAt }) => <When at={decidedAt} /> },
    {
      id: "reason",
      header: "Reason",
      from: "lg",
      cell: ({ reason }) => (
        <Text inherit lineClamp={2}>
          <bdi>{reason ?? "—"}</bdi>
        </Text>
      ),
    },
    { id: "state", header: "State", width: "min(15rem, 26vw)", cell: (one) => <State writeback={one} /> },
    {
      id: "act",
      header: <VisuallyHidden>What can be done</VisuallyHidden>,
      kind: "action",
      cell: (one) => (
        <Group gap={6} justify="end" wrap="nowrap">
          {one.state === "failed" && (
            <Retry
              ids={[one.id]}
              size="compact-xs"
              leftSection={null}
              visibleFrom="xs"
              aria-label={`Retry ${personOf(one)}`}
            >
              Retry
            </Retry>
          )}
          <Tooltip label="Details">
            <ActionIcon
              variant="subtle"
              aria-label={`Details: ${typeWords[one.type]} of ${personOf(one)}`}
              onClick={() => onOpen(one.id)}
            >
              <IconInfoCircle size={17} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ),
    },
  ];
}

/** A link to the person; who was erased here has only the key that the AMS knows. */
export function Person({ writeback }: { readonly writeback: Writeback }) {
  const { subscriberId, email, remoteId } = writeback;
  if (subscriberId === null || email === null) {
    return (
      <>
        <Text inherit c="dimmed">
          Erased here
        </Text>
        <Text size="xs" c="dimmed" lineClamp={1}>
          <bdi>{remoteId}</bdi>
        </Text>
      </>
    );
  }
  return (
    <Anchor component={Link} to={`/subscribers/${subscriberId}`} fw={560}>
      <Address email={email} />
    </Anchor>
  );
}

function State({ writeback }: { readonly writeback: Writeback }) {
  const { word, tone } = writebackWords[writeback.state];
  return (
    <>
      <ToneBadge tone={tone}>{word}</ToneBadge>
      <Tried writeback={writeback} />
      <Said writeback={writeback} visibleFrom="sm" />
    </>
  );
}

/** How often it was tried, as far as that is news, and when it went or goes again. */
function Tried({ writeback: { state, tries, dueAt, endedAt } }: { readonly writeback: Writeback }) {
  const { count } = useNumbers();
  const after = tries === 1 ? "after one try" : `after ${count(tries)} tries`;
  const line =
    state === "ready" && tries > 0 ? (
      <>
        again <When at={dueAt} isAhead />, {after}
      </>
    ) : state === "sent" ? (
      <>
        <When at={endedAt} />
        {tries > 1 && `, ${after}`}
      </>
    ) : (
      state === "failed" && after
    );
  if (!line) return null;
  return (
    <Text size="xs" c="dimmed" component="div" mt={2}>
      {line}
    </Text>
  );
}

interface SaidProps extends Pick<TextProps, "hiddenFrom" | "visibleFrom"> {
  readonly writeback: Writeback;
}

/** What the AMS said to the last try; of one that went through it is past. */
function Said({ writeback: { state, errorMessage }, ...shown }: SaidProps) {
  if (errorMessage === null || state === "sent") return null;
  return (
    <Text size="xs" lineClamp={3} mt={2} {...(state === "failed" && { c: "var(--ls-bad)" })} {...shown}>
      {errorMessage}
    </Text>
  );
}
