import { Anchor, Button, Card, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { SyncProgress } from "../../ui/progress.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { ProblemAlert } from "../../ui/states.tsx";
import { type Sync, triggerWords } from "../../ui/sync-words.ts";

/** The sync of this group that waits or runs: how far it is, who asked, and a way to stop it. */
export function OpenSync({ sync }: { readonly sync: Sync }) {
  const mayCancel = useMay("syncs:cancel");
  const reask = useReask("/syncs", "/target-groups");
  const cancel = api.useMutation("post", "/api/v1/syncs/{id}/cancel", { onSettled: reask });
  return (
    <Card component="section" aria-label="Sync in progress">
      <Group justify="space-between" mb="xs" gap="sm">
        <Group gap="sm">
          <StateBadge state={sync.state} />
          <Text size="sm" c="dimmed">
            {sync.isDryRun ? "Dry run" : triggerWords[sync.trigger]}, asked for by <bdi>{sync.requestedBy}</bdi> ·{" "}
            <Anchor component={Link} to={`/syncs/${sync.id}`} fz="sm">
              details
            </Anchor>
          </Text>
        </Group>
        {mayCancel && (
          <Button
            size="xs"
            variant="default"
            loading={cancel.isPending}
            disabled={sync.cancelRequestedBy !== null}
            onClick={() => cancel.mutate({ params: { path: { id: sync.id } } })}
          >
            {sync.cancelRequestedBy === null ? "Cancel" : "Is being cancelled"}
          </Button>
        )}
      </Group>
      <SyncProgress sync={sync} />
      {cancel.isError && <ProblemAlert error={cancel.error} />}
    </Card>
  );
}
