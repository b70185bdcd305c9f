import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Empty } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";

type Period = Schema<"SubscriberDetails">["groups"][number];

const group: Column<Period> = {
  id: "group",
  header: "Target group",
  cell: (period) => (
    <Anchor component={Link} to={`/target-groups/${period.groupId}`}>
      <bdi>{period.groupName}</bdi>
    </Anchor>
  ),
};
const since: Column<Period> = {
  id: "since",
  header: "Since",
  cell: (period) => <BySync at={period.addedAt} sync={period.addedBy} />,
};
const until: Column<Period> = {
  id: "until",
  header: "Until",
  cell: (period) => period.removedBy && <BySync at={period.removedAt} sync={period.removedBy} />,
};

interface Props {
  readonly id: number;
  readonly periods: readonly Period[];
  /** How many there are, past ones counted; more than are shown. */
  readonly inAll: number;
}

/** Which groups, since when, by which sync; past ones too. (product 1.8) */
export function GroupPeriods({ id, periods, inAll }: Props) {
  const { count } = useNumbers();
  const present = periods.filter(({ removedBy }) => removedBy === null);
  const past = periods.filter(({ removedBy }) => removedBy !== null);
  const idOf = (period: Period) => `${period.groupId} ${period.addedBy}`;
  return (
    <>
      <Section
        title="Target groups"
        actions={
          <Anchor component={Link} to={`/syncs?subscriberId=${id}`} fz="sm">
            Syncs that moved this person
          </Anchor>
        }
      >
        <DataTable
          label="Target groups of this person"
          columns={[group, since]}
          rows={present}
          idOf={idOf}
          empty={<Empty title="In no group now" />}
        />
      </Section>
      {past.length > 0 && (
        <Section title="Groups of the past">
          <DataTable
            label="Past groups of this person"
            columns={[group, since, until]}
            rows={past}
            idOf={idOf}
            empty={null}
          />
        </Section>
      )}
      {inAll > periods.length && (
        <Text size="sm" c="dimmed">
          {count(inAll - periods.length)} more are not shown here; the timeline below has all of them.
        </Text>
      )}
    </>
  );
}

function BySync({ at, sync }: { readonly at: string | null; readonly sync: string }) {
  return (
    <>
      {at !== null && (
        <>
          <When at={at} />,{" "}
        </>
      )}
      <Anchor component={Link} to={`/syncs/${sync}`}>
        {at === null ? "the sync that runs" : "by this sync"}
      </Anchor>
    </>
  );
}
