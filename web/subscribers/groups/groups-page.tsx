import { Button, Grid, Group, Menu, NativeSelect, Stack, Text } from "@mantine/core";
import { IconFolders, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/me.ts";
import { Page } from "../../ui/page.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { FolderTree } from "./folder-tree.tsx";
import { GroupTable } from "./group-table.tsx";
import { RefreshFolder } from "./refresh-folder.tsx";
import { bin, foldersQuery, useGroupsSearch } from "./search.ts";

/** Subscribers › Target Groups: the folders, the groups in one of them, and the list's refresh at the bottom. */
export function GroupsPage() {
  const { search } = useGroupsSearch();
  const [isTreeOpen, setIsTreeOpen] = useState(false);
  const folders = useQuery(foldersQuery);
  const folder = folders.data?.find(({ id }) => id === search.folder);
  const bridgeFolder = folders.data?.find(({ kind }) => kind === "bridge");
  const inFolder = folder?.kind === "own" ? `?folder=${folder.id}` : "";
  const mayChange = useMay("target-groups:change");
  const title = search.folder === bin ? "Deleted target groups" : (folder?.name ?? "Target Groups");
  return (
    <Page
      title={title}
      about="Audiences that are always in step with netFORUM Pro's queries."
      actions={
        mayChange &&
        search.folder !== bin && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />}>
                New group
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item component={Link} to={`/target-groups/upload${inFolder}`}>
                Upload a list
                <Text size="xs" c="dimmed">
                  Static: people of a CSV file
                </Text>
              </Menu.Item>
              <Menu.Item component={Link} to={`/target-groups/new-compound${inFolder}`}>
                Compound group
                <Text size="xs" c="dimmed">
                  Made of other groups
                </Text>
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )
      }
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: "content" }} w={{ lg: "15rem" }}>
          <Button
            variant="default"
            hiddenFrom="lg"
            fullWidth
            leftSection={<IconFolders size={16} aria-hidden />}
            aria-expanded={isTreeOpen}
            onClick={() => setIsTreeOpen(!isTreeOpen)}
          >
            Folders
          </Button>
          <Stack visibleFrom={isTreeOpen ? "" : "lg"} mt={{ base: "sm", lg: 0 }}>
            <FolderTree query={folders} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: "auto" }} miw={0}>
          <Stack gap="md">
            <Filters />
            <GroupTable folders={folders.data ?? []} />
            {bridgeFolder && folder?.kind === "bridge" && <RefreshFolder folder={folder} />}
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}

/** Filter as you type; it stays in the address. */
function Filters() {
  const { search, go } = useGroupsSearch();
  return (
    <Group align="end" gap="sm">
      <SearchBox
        label="Find a group"
        placeholder="Part of its name"
        value={search.search ?? ""}
        onSearch={(words) => go({ search: words === "" ? undefined : words })}
        flex="1 1 14rem"
      />
      {/* The browser's own: a list of ours would be laid out, hidden, before anything of the page is seen. */}
      <NativeSelect
        label="State"
        data={[
          { value: "", label: "All" },
          { value: "counted", label: "Counted" },
          { value: "not_yet_counted", label: "Not yet counted" },
          { value: "error", label: "Last sync failed" },
        ]}
        value={search.state ?? ""}
        onChange={({ currentTarget }) => go({ state: (currentTarget.value || undefined) as typeof search.state })}
        w={{ base: "100%", xs: 190 }}
      />
    </Group>
  );
}
