import { Anchor } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { outcomeLine, type Sync, triggerWords } from "../../ui/sync-words.ts";
import { useTimes, When } from "../../ui/when.tsx";

const route = getRouteApi("/shell/target-groups/$groupId");

/** Every sync of this group, the latest first. */
export function GroupSyncs({ group }: { readonly group: Schema<"TargetGroup"> }) {
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const numbers = useNumbers();
  const times = useTimes();
  const query = { groupId: group.id, limit: 25, ...(cursor && { cursor }) };
  const syncs = api.useQuery("get", "/api/v1/syncs", { params: { query } });
  const columns: readonly Column<Sync>[] = [
    {
      id: "at",
      header: "Asked for",
      cell: (sync) => (
        <Anchor component={Link} to={`/syncs/${sync.id}`}>
          <When at={sync.requestedAt} />
        </Anchor>
      ),
    },
    { id: "state", header: "Outcome", cell: (sync) => <StateBadge state={sync.state} /> },
    {
      id: "line",
      header: "What came of it",
      from: "sm",
      cell: (sync) => `${sync.isDryRun ? "Dry run: " : ""}${outcomeLine(sync, numbers, times)}`,
    },
    { id: "trigger", header: "Trigger", from: "md", cell: (sync) => triggerWords[sync.trigger] },
    { id: "by", header: "By", from: "md", cell: (sync) => <bdi>{sync.requestedBy}</bdi> },
  ];
  return (
    <Loaded query={syncs}>
      {({ items, next }) => (
        <>
          <DataTable
            label={group.kind === "static" ? "Uploads to this group" : "Syncs of this group"}
            columns={columns}
            rows={items}
            idOf={(sync) => sync.id}
            empty={
              group.kind === "static" ? (
                <Empty title="No upload so far">Upload a list makes the first.</Empty>
              ) : (
                <Empty title="No sync so far">Resync Target Group makes the first.</Empty>
              )
            }
          />
          <Pager
            cursor={cursor}
            next={next}
            onGo={(to) => void navigate({ search: { tab: "syncs", ...(to && { cursor: to }) }, resetScroll: false })}
          />
        </>
      )}
    </Loaded>
  );
}
