import { Alert, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { Mailing } from "../mailing.ts";

/** Of a mailing that went out: what is changed now changes nothing that was sent. */
export function PublishedNote({ mailing: { state, archivedAt } }: { readonly mailing: Mailing }) {
  const note =
    archivedAt !== null
      ? "It is archived. Bring it back to change it."
      : state === "draft" || state === "cancelled"
        ? null
        : "It was published. What you change here goes out only if you publish it again.";
  return (
    note && (
      <Alert color="gray" icon={<IconInfoCircle aria-hidden />} p="sm">
        <Text size="sm">{note}</Text>
      </Alert>
    )
  );
}
