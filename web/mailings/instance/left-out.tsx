import { Anchor, Select, Stack } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { largestReasons, type Reason, reasonWords } from "./words.ts";

const route = getRouteApi("/shell/instances/$instanceId");
type Row = Schema<"LeftOut">;

const columns: readonly Column<Row>[] = [
  {
    id: "email",
    header: "E-mail address",
    cell: ({ email, subscriberId }) => (
      <Anchor component={Link} to={`/subscribers/${subscriberId}`}>
        <Address email={email} />
      </Anchor>
    ),
  },
  { id: "remoteId", header: "Remote ID", from: "sm", cell: ({ remoteId }) => remoteId },
  { id: "reason", header: "Why", cell: ({ reason }) => reasonWords[reason] },
];

/** Who was in the audience and doesn't get it, by the reason. (product 4.2) */
export function LeftOut({ exclusions }: { readonly exclusions: Readonly<Record<Reason, number>> }) {
  const { instanceId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { count } = useNumbers();
  const reasons = largestReasons(exclusions);
  const reason = reasons.find(([known]) => known === search.reason)?.[0] ?? reasons[0]?.[0];
  const { cursor } = search;
  const people = api.useQuery(
    "get",
    "/api/v1/instances/{id}/exclusions",
    {
      params: {
        path: { id: instanceId },
        query: { reason: reason ?? "unsubscribed", limit: 50, ...(cursor && { cursor }) },
      },
    },
    { placeholderData: keepPreviousData, enabled: reason !== undefined },
  );
  if (reason === undefined) return <Empty title="Nobody is left out">Everybody of the audience gets it.</Empty>;
  return (
    <Stack gap="md">
      <Select
        label="Why"
        data={reasons.map(([value, left]) => ({ value, label: `${reasonWords[value]} (${count(left)})` }))}
        value={reason}
        allowDeselect={false}
        onChange={(value) => value && void navigate({ search: { tab: "left_out", reason: value }, resetScroll: false })}
        w={{ base: "100%", xs: 340 }}
      />
      <Loaded query={people}>
        {({ items, next }) => (
          <>
            <DataTable
              label="Left out"
              columns={columns}
              rows={items}
              idOf={({ subscriberId }) => String(subscriberId)}
              empty={<Empty title="Nobody" />}
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) =>
                void navigate({ search: { tab: "left_out", reason, ...(to && { cursor: to }) }, resetScroll: false })
              }
            />
          </>
        )}
      </Loaded>
    </Stack>
  );
}
