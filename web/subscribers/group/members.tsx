import { Anchor } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { type Member, memberColumns } from "../member-columns.tsx";

const route = getRouteApi("/shell/target-groups/$groupId");

const columnsFor = (search: string): readonly Column<Member>[] => [
  ...memberColumns(search),
  {
    id: "since",
    header: "Came by",
    from: "sm",
    cell: (member) =>
      member.addedBy && (
        <Anchor component={Link} to={`/syncs/${member.addedBy}`} style={{ whiteSpace: "nowrap" }}>
          this sync
        </Anchor>
      ),
  },
];

/** In a compound group nobody came by a sync. */
const isComputed = (members: readonly Member[]) => members.every(({ addedBy }) => addedBy === null);

/** Members, now or at the moment in the address. */
export function Members({
  groupId,
  standing,
}: {
  readonly groupId: string;
  readonly standing: Member["standing"] | undefined;
}) {
  const { search, at, cursor } = route.useSearch();
  const now = route.useSearch();
  const navigate = route.useNavigate();
  const query = {
    limit: 50,
    ...(standing && { standing }),
    ...(search && { search }),
    ...(at && { at }),
    ...(cursor && { cursor }),
  };
  const members = api.useQuery(
    "get",
    "/api/v1/target-groups/{id}/members",
    { params: { path: { id: groupId }, query } },
    { placeholderData: keepPreviousData },
  );
  const columns = columnsFor(search ?? "");
  const empty = search ? (
    <Empty title={`Nobody here matches “${search}”`} />
  ) : (
    <Empty title="Nobody here">
      {at ? "The group had no such people at that moment." : "No member of this group stands so."}
    </Empty>
  );
  return (
    <Loaded query={members}>
      {({ items, next }) => (
        <>
          <DataTable
            label="Members"
            columns={isComputed(items) ? columns.filter(({ id }) => id !== "since") : columns}
            rows={items}
            idOf={(row) => String(row.subscriberId)}
            empty={empty}
          />
          <Pager
            cursor={cursor}
            next={next}
            onGo={(to) => {
              const { cursor: _, ...kept } = now;
              void navigate({ search: { ...kept, ...(to && { cursor: to }) }, resetScroll: false });
            }}
          />
        </>
      )}
    </Loaded>
  );
}
