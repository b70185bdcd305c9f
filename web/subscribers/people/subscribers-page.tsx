import { Anchor, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, type Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { Standing } from "../standing.tsx";

const route = getRouteApi("/shell/subscribers");
type Subscriber = Schema<"Subscriber">;

const columns: readonly Column<Subscriber>[] = [
  {
    id: "email",
    header: "E-mail address",
    cell: (person) => (
      <Anchor component={Link} to={`/subscribers/${person.id}`} fw={560}>
        <bdi>{person.email}</bdi>
      </Anchor>
    ),
  },
  {
    id: "values",
    header: "Kept values",
    from: "md",
    cell: (person) => <bdi>{Object.values(person.values).filter(Boolean).slice(0, 3).join(" · ")}</bdi>,
  },
  { id: "standing", header: "Status", cell: (person) => <Standing standing={person.standing} /> },
  { id: "remoteId", header: "Remote ID", from: "lg", cell: (person) => person.remoteId ?? "—" },
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
    <Page title="Subscribers" about="Everybody who ever came by a target group, once for each address and remote ID.">
      <SearchField />
      <Loaded query={people} lines={12}>
        {({ items, next }) => (
          <div>
            <DataTable
              label="Subscribers"
              columns={columns}
              rows={items}
              idOf={(person) => String(person.id)}
              empty={
                search ? (
                  <Empty title={`Nobody matches “${search}”`}>
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
  const [typed, setTyped] = useState(search);
  // The search in the header leads here too, while this page is open.
  useEffect(() => setTyped(search), [search]);
  const tell = useDebouncedCallback(
    (value: string) => void navigate({ search: value.trim() === "" ? {} : { search: value.trim() }, replace: true }),
    250,
  );
  return (
    <TextInput
      data-search
      label="Find somebody"
      placeholder="Name, address or remote ID"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      maw={480}
    />
  );
}
