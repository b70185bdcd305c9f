import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
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

/** Which groups, since when, by which sync; past ones too. (product 1.8) */
export function GroupPeriods({ id, periods }: { readonly id: number; readonly periods: readonly Period[] }) {
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
