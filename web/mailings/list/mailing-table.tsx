import { Anchor, Text, VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { When } from "../../ui/when.tsx";
import { withDefaults } from "../document/fields.ts";
import type { ListedMailing } from "../mailing.ts";
import { AudienceNames } from "./audience-names.tsx";
import { pathOf } from "./mailing-actions.ts";
import { MailingMenu } from "./mailing-menu.tsx";
import { mailingStateWords, stepWords } from "./state-words.ts";

interface Props {
  readonly items: readonly ListedMailing[];
  readonly empty: ReactNode;
  readonly areTemplates?: boolean;
}

/** Mailings or templates, a line each. */
export function MailingTable({ items, empty, areTemplates = false }: Props) {
  return (
    <DataTable
      label={areTemplates ? "Templates" : "Mailings"}
      columns={areTemplates ? templateColumns : columns}
      rows={items}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      empty={empty}
    />
  );
}

const nameColumn: Column<ListedMailing> = {
  id: "name",
  header: "Name and subject",
  cell: (mailing) => (
    <div style={{ minWidth: "10rem", maxWidth: "28rem" }}>
      <Anchor component={Link} to={pathOf(mailing)} fw={560}>
        <bdi>{mailing.name}</bdi>
      </Anchor>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {mailing.subject ? <bdi>{withDefaults(mailing.subject)}</bdi> : "No subject yet"}
      </Text>
    </div>
  ),
};
const changedColumn: Column<ListedMailing> = {
  id: "changed",
  header: "Changed",
  from: "md",
  cell: ({ updatedAt, updatedBy }) => (
    <>
      <When at={updatedAt} />
      <Text size="xs" c="dimmed" lineClamp={1}>
        <bdi>{updatedBy}</bdi>
      </Text>
    </>
  ),
};
const menuColumn: Column<ListedMailing> = {
  id: "menu",
  header: <VisuallyHidden>Menu</VisuallyHidden>,
  kind: "action",
  width: "3rem",
  cell: (mailing) => <MailingMenu mailing={mailing} />,
};

const columns: readonly Column<ListedMailing>[] = [
  nameColumn,
  { id: "audience", header: "Audience", from: "lg", cell: ({ audience }) => <AudienceNames audience={audience} /> },
  { id: "state", header: "State", cell: (mailing) => <State mailing={mailing} /> },
  changedColumn,
  menuColumn,
];
const templateColumns = [nameColumn, changedColumn, menuColumn];

/** The state with what matters in it: when, how far, to how many; a link to the instance. */
function State({ mailing: { state, latest } }: { readonly mailing: ListedMailing }) {
  const { word, tone } = mailingStateWords[state];
  const isPaused = latest?.state === "paused";
  return (
    <div>
      <ToneBadge tone={isPaused ? "warn" : tone}>{isPaused ? "Paused" : word}</ToneBadge>
      {latest && (
        <Text size="xs" component="div" mt={3}>
          <Anchor component={Link} to={`/instances/${latest.id}`}>
            <Latest latest={latest} />
          </Anchor>
        </Text>
      )}
    </div>
  );
}

function Latest({ latest }: { readonly latest: NonNullable<ListedMailing["latest"]> }) {
  const { count } = useNumbers();
  const { state, dueAt, finishedAt, recipients } = latest;
  const people = recipients === 1 ? "1 person" : `${count(recipients)} people`;
  switch (state) {
    case "scheduled":
      return <When at={dueAt} isAhead />;
    case "sent":
      return (
        <>
          To {people}, <When at={finishedAt} />
        </>
      );
    case "sending":
    case "paused":
      return <>To {people}</>;
    case "on_hold":
      return <>What to do</>;
    case "cancelled":
      return <When at={finishedAt} />;
    default:
      return <>{stepWords[state]}</>;
  }
}
