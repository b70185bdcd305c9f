import { Button } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { personColumns } from "../person-columns.tsx";
import { Standing } from "../standing.tsx";
import { LiftErasure } from "./lift-erasure.tsx";

const route = getRouteApi("/shell/subscribers");
type Subscriber = Schema<"Subscriber">;

const columnsFor = (search: string): readonly Column<Subscriber>[] => [
  ...personColumns<Subscriber>({
    search,
    idOf: ({ id }) => id,
    standing: ({ standing }) => <Standing standing={standing} />,
  }),
  { id: "updated", header: "Changed", from: "sm", cell: (person) => <When at={person.updatedAt} /> },
];

/** Subscribers › Subscribers: people found by name, address or remote ID. */
export function SubscribersPage() {
  const { search, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const query = { limit: 50, ...(search && { search }), ...(cursor && { cursor }) };
  const people = api.useQuery(
    "get",
    "/api/v1/subscribers",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  return (
    <Page
      title="Subscribers"
      about="Everybody who ever came by a target group, once for each address and remote ID."
      actions={<LiftErasure />}
    >
      <SearchField />
      <Loaded query={people} lines={12}>
        {({ items, next }) => (
          <div>
            <DataTable
              label="Subscribers"
              columns={columnsFor(search ?? "")}
              rows={items}
              idOf={(person) => String(person.id)}
              empty={
                search ? (
                  <Empty
                    title={`Nobody matches “${search}”`}
                    action={
                      <Button variant="default" onClick={() => void navigate({ search: {} })}>
                        Show everybody
                      </Button>
                    }
                  >
                    Names are found by the beginnings of words, if an administrator keeps the name fields.
                  </Empty>
                ) : (
                  <Empty title="No subscribers yet">They come with the first subscriber sync of a target group.</Empty>
                )
              }
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) => void navigate({ search: { ...(search && { search }), ...(to && { cursor: to }) } })}
            />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function SearchField() {
  const { search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <SearchBox
      label="Find somebody"
      placeholder="Name, address or remote ID"
      value={search}
      onSearch={(words) => void navigate({ search: words === "" ? {} : { search: words }, replace: true })}
      maw={480}
    />
  );
}
