import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { RowMenu } from "../../ui/row-menu.tsx";
import { useGroupActions } from "./group-actions.ts";
import type { ListedGroup } from "./search.ts";

interface GroupMenuProps {
  readonly group: ListedGroup;
  readonly isBin: boolean;
}

/** What can be done with one group. */
export function GroupMenu({ group, isBin }: GroupMenuProps) {
  const mayChange = useMay("target-groups:change");
  if (isBin && !mayChange) return null;
  return (
    <RowMenu label={`${group.name}: menu`}>
      {isBin ? <BringBack id={group.id} /> : <Items group={group} mayChange={mayChange} />}
    </RowMenu>
  );
}

function BringBack({ id }: { readonly id: string }) {
  const actions = useGroupActions();
  return <Menu.Item onClick={() => actions.bringBack([id])}>Bring back</Menu.Item>;
}

function Items({ group, mayChange }: { readonly group: ListedGroup; readonly mayChange: boolean }) {
  const mayRequest = useMay("syncs:request") && group.kind === "bridge";
  const actions = useGroupActions();
  const { id } = group;
  return (
    <>
      <Menu.Item component={Link} to={`/target-groups/${id}`}>
        Count Details
      </Menu.Item>
      {mayRequest && (
        <>
          <Menu.Item onClick={() => void actions.resync([id])}>Resync Target Group</Menu.Item>
          <Menu.Item onClick={() => actions.dryRun(id)}>Dry run</Menu.Item>
        </>
      )}
      {group.kind === "compound" ? (
        mayChange && (
          <Menu.Item component={Link} to={`/target-groups/${id}/compose`}>
            Change it
          </Menu.Item>
        )
      ) : (
        <Menu.Item component={Link} to={`/target-groups/${id}?tab=syncs`}>
          History
        </Menu.Item>
      )}
      {mayChange && (
        <>
          <MoveTo group={group} />
          <Menu.Divider />
          <Menu.Item onClick={() => actions.remove([id])}>Delete</Menu.Item>
        </>
      )}
    </>
  );
}

function MoveTo({ group }: { readonly group: ListedGroup }) {
  const actions = useGroupActions();
  const folders = api.useQuery("get", "/api/v1/folders");
  const others = folders.data?.filter((folder) => folder.id !== group.folderId) ?? [];
  if (others.length === 0) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Move to</Menu.Label>
      {others.slice(0, 12).map((folder) => (
        <Menu.Item key={folder.id} onClick={() => actions.move([group.id], folder)}>
          <bdi>{folder.name}</bdi>
        </Menu.Item>
      ))}
    </>
  );
}
