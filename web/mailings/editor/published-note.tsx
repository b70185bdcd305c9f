import { Alert, Button, Group, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useMay } from "../../api/me.ts";
import { useMailingActions } from "../list/mailing-actions.ts";
import type { Mailing } from "../mailing.ts";

/** Of a mailing that went out: what is changed now changes nothing that was sent. Of an archived one: the way back. */
export function PublishedNote({ mailing }: { readonly mailing: Mailing }) {
  const { state, archivedAt } = mailing;
  const isArchived = archivedAt !== null;
  const mayBringBack = useMay("mailings:write") && isArchived;
  const actions = useMailingActions();
  if (!isArchived && (state === "draft" || state === "cancelled")) return null;
  return (
    <Alert color="gray" icon={<IconInfoCircle aria-hidden />} p="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {!isArchived
            ? "It was published. What you change here goes out only if you publish it again."
            : mayBringBack
              ? "It is archived: bring it back to change or publish it."
              : "It is archived: it can be read, not changed."}
        </Text>
        {mayBringBack && (
          <Button size="xs" variant="default" onClick={() => actions.bringBack(mailing)}>
            Bring it back
          </Button>
        )}
      </Group>
    </Alert>
  );
}
