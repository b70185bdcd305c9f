import { Button, Group, Tabs } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import type { Sync } from "../../ui/sync-words.ts";

const route = getRouteApi("/shell/syncs/$syncId/review");
type Person = { readonly subscriberId: number; readonly remoteId: string | null; readonly email: string };
type Kind = "added" | "removed" | "updated";

/** Who would go, come and change, each as a list of people. */
export function Differences({ sync }: { readonly sync: Sync }) {
  const { kind = sync.removed > 0 ? "removed" : "added" } = route.useSearch();
  const navigate = route.useNavigate();
  const { count } = useNumbers();
  const tabs = [
    ["removed", `Would go (${count(sync.removed)})`],
    ["added", `Would come (${count(sync.added)})`],
    ["updated", `Would change (${count(sync.updated)})`],
  ] as const;
  return (
    <Tabs
      value={kind}
      keepMounted={false}
      onChange={(value) => void navigate({ search: { kind: value as typeof kind }, resetScroll: false })}
    >
      <Tabs.List>
        {tabs.map(([value, label]) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(([value]) => (
        <Tabs.Panel key={value} value={value} pt="md">
          <Difference syncId={sync.id} kind={value} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

const columns: readonly Column<Person>[] = [
  {
    id: "email",
    header: "E-mail address",
    cell: (person) => <Address email={person.email} />,
  },
  { id: "remoteId", header: "Remote ID", from: "sm", cell: (person) => person.remoteId },
];

function Difference({ syncId, kind }: { readonly syncId: string; readonly kind: Kind }) {
  const { cursor, search } = route.useSearch();
  const navigate = route.useNavigate();
  const mayExport = useMay("subscribers:export");
  const query = { kind, limit: 50, ...(search && { search }), ...(cursor && { cursor }) };
  const people = api.useQuery(
    "get",
    "/api/v1/syncs/{id}/difference",
    { params: { path: { id: syncId }, query } },
    { placeholderData: keepPreviousData },
  );
  return (
    <>
      <Group align="end" gap="sm" mb="md">
        <SearchBox
          label="Find a person"
          placeholder="Beginning of the address, or remote ID"
          value={search ?? ""}
          onSearch={(words) =>
            void navigate({ search: { kind, ...(words && { search: words }) }, replace: true, resetScroll: false })
          }
          w={{ base: "100%", xs: 320 }}
        />
        {mayExport && (
          <Button
            component="a"
            variant="default"
            href={`/api/v1/syncs/${syncId}/difference.csv?kind=${kind}`}
            download
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Export all
          </Button>
        )}
      </Group>
      <Loaded query={people}>
        {({ items, next }) => (
          <Group display="block">
            <DataTable
              label="People"
              columns={columns}
              rows={items}
              idOf={(person) => `${person.subscriberId} ${person.remoteId} ${person.email}`}
              empty={<Empty title={search ? `Nobody here matches “${search}”` : "Nobody"} />}
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) =>
                void navigate({
                  search: { kind, ...(search && { search }), ...(to && { cursor: to }) },
                  resetScroll: false,
                })
              }
            />
          </Group>
        )}
      </Loaded>
    </>
  );
}
