import { ActionIcon, Button, Card, Group, Menu, Title } from "@mantine/core";
import { IconBuildingBridge2, IconDots, IconFolder, IconFolderPlus, IconStack2, IconTrash } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../api/me.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Loaded } from "../../ui/states.tsx";
import { openNewFolder, openRenameFolder, useDeleteFolder } from "./folder-actions.tsx";
import classes from "./folder-tree.module.css";
import { bin, type Folder, useGroupsSearch } from "./search.ts";

/** All groups, the bridge's folder, people's own folders in each other, and the bin. */
export function FolderTree({ query }: { readonly query: UseQueryResult<Folder[], unknown> }) {
  const mayChange = useMay("target-groups:change");
  return (
    <Card component="nav" aria-labelledby="folders" padding="sm">
      <Group justify="space-between" px={6} mb={6}>
        <Title order={2} size="h5" id="folders">
          Folders
        </Title>
      </Group>
      <Loaded query={query} lines={3}>
        {(folders) => (
          <>
            <ul className={classes.tree}>
              <Place to={undefined} icon={<IconStack2 size={17} aria-hidden />} name="All target groups" />
              <Branch folders={folders} parentId={null} level={0} />
              <Place to={bin} icon={<IconTrash size={17} aria-hidden />} name="Deleted" />
            </ul>
            {mayChange && (
              <Button
                variant="subtle"
                size="xs"
                mt="xs"
                leftSection={<IconFolderPlus size={16} aria-hidden />}
                onClick={() => openNewFolder(null)}
              >
                New folder
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}

interface BranchProps {
  readonly folders: readonly Folder[];
  readonly parentId: string | null;
  readonly level: number;
}

function Branch({ folders, parentId, level }: BranchProps) {
  const own = folders.filter((folder) => folder.parentId === parentId);
  return own.map((folder) => (
    <Place
      key={folder.id}
      to={folder.id}
      icon={
        folder.kind === "bridge" ? <IconBuildingBridge2 size={17} aria-hidden /> : <IconFolder size={17} aria-hidden />
      }
      name={folder.name}
      count={folder.groups}
      level={level}
      menu={<FolderMenu folder={folder} />}
    >
      <Branch folders={folders} parentId={folder.id} level={level + 1} />
    </Place>
  ));
}

interface PlaceProps {
  readonly to: string | undefined;
  readonly icon: ReactNode;
  readonly name: string;
  readonly count?: number;
  readonly level?: number;
  readonly menu?: ReactNode;
  readonly children?: ReactNode;
}

function Place({ to, icon, name, count, level = 0, menu, children }: PlaceProps) {
  const { search } = useGroupsSearch();
  const numbers = useNumbers();
  const isHere = search.folder === to;
  return (
    <li>
      <div
        className={classes.row}
        data-active={isHere || undefined}
        style={{ paddingInlineStart: `${level * 1.1}rem` }}
      >
        <Link
          to="/target-groups"
          search={to === undefined ? {} : { folder: to }}
          className={classes.link}
          {...(isHere && { "aria-current": "page" as const })}
        >
          {icon}
          <span className={classes.name}>
            <bdi>{name}</bdi>
          </span>
          {count !== undefined && <span className={classes.count}>{numbers.count(count)}</span>}
        </Link>
        {menu}
      </div>
      {children && <ul className={classes.tree}>{children}</ul>}
    </li>
  );
}

function FolderMenu({ folder }: { readonly folder: Folder }) {
  const mayChange = useMay("target-groups:change");
  const remove = useDeleteFolder();
  if (!mayChange) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Folder ${folder.name}: menu`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => openRenameFolder(folder)}>Rename</Menu.Item>
        {folder.kind === "own" && (
          <>
            <Menu.Item onClick={() => openNewFolder(folder.id)}>New folder in it</Menu.Item>
            <Menu.Item onClick={() => remove(folder)}>Delete</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
