import { Button, Card, Group, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { SyncProgress } from "../../ui/progress.tsx";
import { ProblemAlert } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import type { Folder } from "./search.ts";

/** At the bottom of the bridge's folder: Refresh Target Group List, and what it does not do. (product 1.3, folder_refresh) */
export function RefreshFolder({ folder }: { readonly folder: Folder }) {
  const mayRefresh = useMay("list:refresh");
  const onSettled = useReask("/folders", "/target-groups", "/syncs");
  const refresh = api.useMutation("post", "/api/v1/folders/{id}/refresh", { onSettled });
  const { openListSync } = folder;
  return (
    <Card component="section" aria-label="Refresh Target Group List">
      <Group gap="md">
        {mayRefresh && (
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={refresh.isPending || openListSync !== null}
            onClick={() => refresh.mutate({ params: { path: { id: folder.id } } })}
          >
            Refresh Target Group List
          </Button>
        )}
        <Text size="sm" c="dimmed" component="div" flex="1 1 16rem">
          Refreshed <When at={folder.lastListSyncedAt} />. Brings new queries and fields; counts are not changed by
          this.
        </Text>
      </Group>
      {openListSync && (
        <div style={{ marginTop: "0.75rem" }}>
          <SyncProgress sync={openListSync} />
        </div>
      )}
      {refresh.isError && <ProblemAlert error={refresh.error} />}
    </Card>
  );
}
