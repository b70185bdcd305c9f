import { Anchor, Button, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconEyeSearch, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { api, type Schema, toProblem } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import type { Sync } from "../../ui/sync-words.ts";

interface ResyncProps {
  readonly groupId: string;
  readonly openSync: Sync | undefined;
}

/** Resync Target Group, and the question what it would change. */
export function ResyncButtons({ groupId, openSync }: ResyncProps) {
  const mayRequest = useMay("syncs:request");
  const onSettled = useReask("/syncs", "/target-groups");
  const options = { onSuccess: sayAnswer, onError: sayProblem, onSettled };
  const resync = api.useMutation("post", "/api/v1/target-groups/{id}/resync", options);
  const dryRun = api.useMutation("post", "/api/v1/target-groups/{id}/dry-run", options);
  const params = { path: { id: groupId } };
  if (!mayRequest) return null;
  return (
    <>
      <Tooltip label="Reads the group as a resync would, and changes nothing">
        <Button
          variant="default"
          leftSection={<IconEyeSearch size={16} aria-hidden />}
          loading={dryRun.isPending}
          disabled={openSync?.isDryRun === true}
          onClick={() => dryRun.mutate({ params })}
        >
          Dry run
        </Button>
      </Tooltip>
      <Button
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={resync.isPending}
        disabled={openSync !== undefined && !openSync.isDryRun}
        onClick={() => resync.mutate({ params })}
      >
        Resync Target Group
      </Button>
    </>
  );
}

function sayAnswer({ answer, sync }: Schema<"SyncAnswer">): void {
  if (answer === "queued") return; // the page itself shows it
  const held = answer === "held";
  notifications.show({
    color: held ? "orange" : "step",
    title: held ? "A held sync comes first" : "It runs already",
    message: (
      <>
        {held ? "Apply or discard it, then resync. " : "Your request joined the sync that is on its way. "}
        <Anchor component={Link} to={held ? `/syncs/${sync.id}/review` : `/syncs/${sync.id}`}>
          Look at it
        </Anchor>
      </>
    ),
  });
}

function sayProblem(error: unknown): void {
  const problem = toProblem(error);
  notifications.show({
    color: "red",
    title: problem.title,
    message: `${problem.message} ${problem.wayOut ?? ""}`,
    autoClose: false,
  });
}
