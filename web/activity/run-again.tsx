import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { api, type Schema } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import type { Sync } from "../ui/sync-words.ts";
import { tellProblem } from "../ui/toasts.tsx";

interface Props {
  readonly sync: Sync;
}

export function CancelSync({ sync }: Props) {
  const mayCancel = useMay("syncs:cancel");
  const onSettled = useReask("/syncs", "/target-groups", "/home");
  const cancel = api.useMutation("post", "/api/v1/syncs/{id}/cancel", { onError: tellProblem, onSettled });
  if (!mayCancel) return null;
  return (
    <Button
      variant="default"
      loading={cancel.isPending}
      disabled={sync.cancelRequestedBy !== null}
      onClick={() => cancel.mutate({ params: { path: { id: sync.id } } })}
    >
      {sync.cancelRequestedBy === null ? "Cancel" : "Is being cancelled"}
    </Button>
  );
}

/** The same again: the list, the group, or the group's dry run; then the page of the new sync opens. */
export function RunAgain({ sync }: Props) {
  const may = useMay(sync.kind === "list" ? "list:refresh" : "syncs:request");
  const navigate = useNavigate();
  const options = {
    onError: tellProblem,
    onSettled: useReask("/syncs", "/target-groups", "/home"),
    onSuccess: ({ sync: next }: Schema<"SyncAnswer">) =>
      void navigate({ to: "/syncs/$syncId", params: { syncId: next.id }, search: {} }),
  };
  const list = api.useMutation("post", "/api/v1/bridge/refresh", options);
  const group = api.useMutation("post", "/api/v1/target-groups/{id}/resync", options);
  const dryRun = api.useMutation("post", "/api/v1/target-groups/{id}/dry-run", options);
  const run = () => {
    if (sync.groupId === null) return list.mutate({});
    const params = { path: { id: sync.groupId } };
    return sync.isDryRun ? dryRun.mutate({ params }) : group.mutate({ params });
  };
  if (!may) return null;
  return (
    <Button
      variant="default"
      leftSection={<IconRefresh size={16} aria-hidden />}
      loading={list.isPending || group.isPending || dryRun.isPending}
      onClick={run}
    >
      Run again
    </Button>
  );
}
