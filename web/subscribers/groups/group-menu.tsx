import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useMay } from "../../api/me.ts";
import { useGroupActions } from "./group-actions.ts";
import { openMoveGroup } from "./move-group.tsx";
import { openRenameGroup } from "./rename-group.ts";
import type { Folder, ListedGroup } from "./search.ts";

interface GroupMenuProps {
  readonly group: ListedGroup;
  readonly folders: readonly Folder[];
  readonly isBin: boolean;
}

/** What can be done with one group. The menu is made when somebody asks for it: a table has one in every row. */
export function GroupMenu(props: GroupMenuProps) {
  const mayChange = useMay("target-groups:change");
  const [isWanted, setWanted] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isWanted) return;
    // The menu gives the focus back to where it was when it opened: to its own button, which is a new one now.
    button.current?.focus();
    setOpen(true);
  }, [isWanted]);
  if (props.isBin && !mayChange) return null;
  const dots = (
    <ActionIcon
      ref={button}
      variant="subtle"
      color="gray"
      size="md"
      aria-label={`${props.group.name}: menu`}
      aria-haspopup="menu"
      {...(!isWanted && { "aria-expanded": false, onClick: () => setWanted(true) })}
    >
      <IconDotsVertical size={17} />
    </ActionIcon>
  );
  if (!isWanted) return dots;
  return (
    <Menu position="bottom-end" withinPortal opened={isOpen} onChange={setOpen}>
      <Menu.Target>{dots}</Menu.Target>
      <Choices {...props} />
    </Menu>
  );
}

function Choices({ group, folders, isBin }: GroupMenuProps) {
  const mayRequest = useMay("syncs:request") && group.kind === "bridge";
  const mayChange = useMay("target-groups:change");
  const actions = useGroupActions();
  const { id } = group;
  return (
    <Menu.Dropdown>
      {isBin ? (
        <Menu.Item onClick={() => actions.bringBack([id])}>Bring back</Menu.Item>
      ) : (
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
              <Menu.Item disabled={group.kind === "bridge"} onClick={() => openRenameGroup(group)}>
                Rename
                {group.kind === "bridge" && <Text size="xs">It has its query's name in netFORUM Pro</Text>}
              </Menu.Item>
              <Menu.Item onClick={() => openMoveGroup(group, { folders, onMove: (to) => actions.move([id], to) })}>
                Move to …
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={() => actions.remove([id])}>Delete</Menu.Item>
            </>
          )}
        </>
      )}
    </Menu.Dropdown>
  );
}
