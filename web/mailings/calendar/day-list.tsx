import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty } from "../../ui/states.tsx";
import { useTimes } from "../../ui/when.tsx";
import { type Instance, instanceWords } from "../instance/words.ts";
import { dateIn } from "./month.ts";
import { instanceAddress } from "./month-grid.tsx";

interface DayListProps {
  readonly month: string;
  readonly today: string;
  readonly instances: readonly Instance[];
}

/** The mailings of a month, one under another, by their time. */
export function DayList({ month, today, instances }: DayListProps) {
  const times = useTimes();
  const { count } = useNumbers();
  const rows = instances
    .filter(({ dueAt }) => dateIn(times.timeZone, dueAt).startsWith(month))
    .toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
  const columns: readonly Column<Instance>[] = [
    {
      id: "at",
      header: "When",
      cell: ({ dueAt }) => (
        <>
          <time dateTime={dueAt}>{times.short(dueAt)}</time>
          {dateIn(times.timeZone, dueAt) === today && (
            <Text size="xs" c="dimmed">
              today
            </Text>
          )}
        </>
      ),
    },
    {
      id: "name",
      header: "Mailing",
      cell: (instance) => (
        <>
          <Anchor component={Link} to={instanceAddress(instance)} fw={560}>
            <bdi>{instance.name}</bdi>
          </Anchor>
          <div>
            <ToneBadge tone={instanceWords[instance.state].tone}>{instanceWords[instance.state].word}</ToneBadge>
          </div>
        </>
      ),
    },
    {
      id: "recipients",
      header: "Recipients",
      kind: "number",
      from: "sm",
      cell: ({ recipients, builtAt }) => (builtAt === null ? "—" : count(recipients)),
    },
  ];
  return (
    <DataTable
      label="Mailings of the month"
      columns={columns}
      rows={rows}
      idOf={({ id }) => id}
      empty={<Empty title="No mailings in this month">Published and scheduled mailings stand here on their day.</Empty>}
    />
  );
}
