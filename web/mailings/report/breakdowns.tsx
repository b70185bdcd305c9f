import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { useTimes } from "../../ui/when.tsx";
import { type PeopleRow, PeopleTable } from "./people-table.tsx";

interface OfInstance {
  readonly instanceId: string;
}

/** By the groups that it was sent to. */
export function Groups({ instanceId }: OfInstance) {
  const params = { path: { id: instanceId } };
  const found = api.useQuery("get", "/api/v1/instances/{id}/report/groups", { params });
  return (
    <Section
      title="By target group"
      about="As the groups were when the audience was built. Who is in several counts in each, so the rows may add up to more than all recipients."
    >
      <Loaded query={found} lines={3}>
        {({ items }) => (
          <PeopleTable
            label="By target group"
            rows={items}
            idOf={({ groupId }) => groupId}
            first={{
              id: "group",
              header: "Target group",
              cell: ({ groupId, name }) => (
                <Anchor component={Link} to={`/target-groups/${groupId}`}>
                  <bdi>{name}</bdi>
                </Anchor>
              ),
            }}
            empty={<Empty title="No groups" />}
          />
        )}
      </Loaded>
    </Section>
  );
}

/** By the domain of the address: a provider that refuses is seen here. */
export function Domains({ instanceId }: OfInstance) {
  const params = { path: { id: instanceId } };
  const found = api.useQuery("get", "/api/v1/instances/{id}/report/domains", { params });
  return (
    <Section title="By domain of the address" about="The 20 with most recipients, then all others together.">
      <Loaded query={found} lines={5}>
        {({ items }) => (
          <PeopleTable
            label="By domain"
            rows={items}
            idOf={({ domain }) => domain ?? ""}
            first={{ id: "domain", header: "Domain", cell: ({ domain }) => <bdi>{domain ?? "All others"}</bdi> }}
            empty={<Empty title="No recipients" />}
          />
        )}
      </Loaded>
    </Section>
  );
}

/** Beside the five that went out before it. */
export function Compare({ instanceId }: OfInstance) {
  const times = useTimes();
  const params = { path: { id: instanceId } };
  const found = api.useQuery("get", "/api/v1/instances/{id}/report/compare", { params });
  type Row = PeopleRow & { readonly instance: Schema<"Instance"> };
  return (
    <Section title="Beside the last five" about="This one first, then those that went out before it.">
      <Loaded query={found} lines={4}>
        {({ items }) => (
          <PeopleTable<Row>
            label="Compared"
            rows={items.map(({ instance, totals }) => ({ instance, ...totals }))}
            idOf={({ instance }) => instance.id}
            first={{
              id: "mailing",
              header: "Mailing",
              cell: ({ instance }) =>
                instance.id === instanceId ? (
                  <b>This one</b>
                ) : (
                  <Anchor component={Link} to={`/instances/${instance.id}/report`}>
                    <bdi>{instance.name}</bdi>, {times.date(instance.dueAt)}
                  </Anchor>
                ),
            }}
            empty={null}
          />
        )}
      </Loaded>
    </Section>
  );
}
