import { Anchor, Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { GroupMenu } from "./group-menu.tsx";
import { GroupState } from "./group-state.tsx";
import { bin, type Folder, groupsQuery, type ListedGroup, useGroupsSearch } from "./search.ts";
import { SelectedGroups } from "./selected-groups.tsx";
import { Spark } from "./spark.tsx";

const kindWords: Record<ListedGroup["kind"], string> = {
  bridge: "Bridge",
  compound: "Compound",
  static: "Static",
};

/** The groups of one folder: one page, sorted by the server; some of them chosen for an action. */
export function GroupTable({ folders }: { readonly folders: readonly Folder[] }) {
  const { search, go } = useGroupsSearch();
  const mayChange = useMay("target-groups:change");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const isBin = search.folder === bin;
  // What is done with the deleted is done with nobody else.
  const [wasBin, setWasBin] = useState(isBin);
  if (wasBin !== isBin) {
    setWasBin(isBin);
    setChosen(new Set());
  }
  const sort = search.sort ?? "name";
  const groups = useQuery({
    ...groupsQuery(search),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some(({ openSync }) => openSync) ? 2000 : false),
  });
  const { count } = useNumbers();
  const columns = useColumns(isBin, folders);
  return (
    <Loaded query={groups} lines={12}>
      {({ items, next, total }) => (
        <>
          {chosen.size > 0 && (
            <SelectedGroups ids={[...chosen]} folders={folders} isBin={isBin} onDone={() => setChosen(new Set())} />
          )}
          <DataTable
            label="Target groups"
            columns={columns}
            rows={items}
            idOf={(group) => group.id}
            nameOf={(group) => group.name}
            sorting={{
              by: sort.replace("-", ""),
              direction: sort.startsWith("-") ? "desc" : "asc",
              onChange: (by, direction) =>
                go({ sort: `${direction === "desc" ? "-" : ""}${by}` as NonNullable<typeof search.sort> }),
            }}
            {...(mayChange && { selecting: { ids: chosen, onChange: setChosen } })}
            empty={<NoGroups isBin={isBin} />}
          />
          <Pager cursor={search.cursor} next={next} onGo={(cursor) => go({ cursor })}>
            <span className="number">{count(total)}</span> {total === 1 ? "group" : "groups"}
          </Pager>
        </>
      )}
    </Loaded>
  );
}

function useColumns(isBin: boolean, folders: readonly Folder[]): readonly Column<ListedGroup>[] {
  const { count } = useNumbers();
  return [
    {
      id: "name",
      header: "Name",
      sort: "name",
      width: "100%",
      cell: (group) =>
        isBin ? (
          <>
            <bdi>{group.name}</bdi>
            <div className="quiet">{kindWords[group.kind]}</div>
          </>
        ) : (
          <>
            <Anchor component={Link} to={`/target-groups/${group.id}`} fw={560}>
              <bdi>{group.name}</bdi>
            </Anchor>
            <BelowName group={group} />
          </>
        ),
    },
    {
      id: "size",
      header: "Sendable / total",
      kind: "number",
      sort: "sendable",
      cell: (group) =>
        group.kind === "compound" ? (
          !isBin && <CompoundSize id={group.id} />
        ) : group.countState === "not_yet_counted" ? (
          <span className="quiet">–</span>
        ) : (
          <>
            <b>{count(group.sendable)}</b>
            <span className="quiet mantine-visible-from-xs"> / {count(group.total)}</span>
          </>
        ),
    },
    ...(isBin
      ? []
      : [
          {
            id: "trend",
            header: "30 days",
            from: "lg",
            cell: ({ trend }: ListedGroup) => <Spark trend={trend} />,
          } as const,
        ]),
    isBin
      ? { id: "fresh", header: "Deleted", from: "xs", cell: ({ deletedAt }) => <When at={deletedAt} /> }
      : {
          id: "fresh",
          header: "As of",
          from: "sm",
          sort: "counted_at",
          cell: (group) => (
            <>
              <AsOf group={group} />
              <GroupState group={group} />
            </>
          ),
        },
    {
      id: "used",
      header: "Last used",
      from: "xl",
      sort: "last_used_at",
      cell: (group) => (
        <>
          <When at={group.lastUsedAt} />
          {!isBin && <UsedIn group={group} />}
        </>
      ),
    },
    {
      id: "menu",
      header: <span style={{ fontSize: 0 }}>Actions</span>,
      kind: "action",
      cell: (group) => <GroupMenu group={group} folders={folders} isBin={isBin} />,
    },
  ];
}

/** By how many it is used, below when: a column of its own would leave a name no room. What they are stands on its page. */
function UsedIn({ group }: { readonly group: ListedGroup }) {
  const { count } = useNumbers();
  const { compounds, mailings, templates } = group.usedIn;
  const uses = [
    [compounds, "compound group", "compound groups"],
    [mailings, "mailing", "mailings"],
    [templates, "template", "templates"],
  ] as const;
  const said = uses.flatMap(([many, one, more]) => (many === 0 ? [] : [`${count(many)} ${many === 1 ? one : more}`]));
  if (said.length === 0) return null;
  const total = count(compounds + mailings + templates);
  return (
    <Anchor
      component={Link}
      to={`/target-groups/${group.id}?tab=used`}
      title={said.join(", ")}
      aria-label={`in ${total}: ${said.join(", ")}`}
      display="block"
      fz="xs"
    >
      in {total}
    </Anchor>
  );
}

/** How old the count is: a compound group is computed when looked at. */
function AsOf({ group }: { readonly group: ListedGroup }) {
  return group.kind === "compound" ? (
    <span className="quiet">computed now</span>
  ) : (
    <When at={group.countedAt} never="Not yet counted" />
  );
}

/** What kind of group it is; on a narrow screen, what the column *As of* holds on others. */
function BelowName({ group }: { readonly group: ListedGroup }) {
  return (
    <>
      <div className="quiet" style={{ fontSize: "var(--mantine-font-size-xs)" }}>
        {kindWords[group.kind]}
        <span className="mantine-hidden-from-sm">
          {" · "}
          <AsOf group={group} />
        </span>
      </div>
      <div className="mantine-hidden-from-sm">
        <GroupState group={group} hasRoom />
      </div>
    </>
  );
}

/** Computed when looked at: asked for by each row that shows one. (product 3.1) */
function CompoundSize({ id }: { readonly id: string }) {
  const { count } = useNumbers();
  const measured = api.useQuery(
    "get",
    "/api/v1/target-groups/{id}/composition",
    { params: { path: { id } } },
    { staleTime: 60_000 },
  );
  if (!measured.data) return <span className="quiet">{measured.isError ? "–" : "…"}</span>;
  const { sendable, total } = measured.data.members;
  return (
    <>
      <b>{count(sendable)}</b>
      <span className="quiet mantine-visible-from-xs"> / {count(total)}</span>
    </>
  );
}

/** Why there is no row, and what to do next. */
function NoGroups({ isBin }: { readonly isBin: boolean }) {
  const { search, go } = useGroupsSearch();
  if (search.search || search.state) {
    return (
      <Empty
        title={search.search ? `No group matches “${search.search}”` : "No group is in this state"}
        action={
          <Button variant="default" onClick={() => go({ search: undefined, state: undefined })}>
            Clear the filter
          </Button>
        }
      />
    );
  }
  if (isBin) return <Empty title="The bin is empty">A deleted group stays here and can be brought back.</Empty>;
  if (search.folder) return <Empty title="Nothing in this folder">Choose groups elsewhere and move them here.</Empty>;
  return (
    <Empty
      title="No target groups yet"
      action={
        <Button component={Link} to="/admin/bridge">
          Connect netFORUM Pro
        </Button>
      }
    >
      Connect netFORUM Pro (about 5 minutes), then refresh the target group list: each of its messaging job queries
      becomes a group here.
    </Empty>
  );
}
