import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import type { Draft } from "./draft.ts";

/** Who leaves is asked only if what was typed can't be saved on the way out. */
export function LeaveGuard({ draft }: { readonly draft: Draft }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: async () => {
      await draft.save();
      return draft.state().isDirty;
    },
    enableBeforeUnload: () => draft.state().isDirty,
    withResolver: true,
  });
  return (
    <Modal opened={status === "blocked"} onClose={() => reset?.()} title="Leave without saving?">
      <Text size="sm" mb="md">
        What you typed last could not be saved. If you leave, it is lost.
      </Text>
      <Group>
        <Button data-autofocus onClick={() => reset?.()}>
          Stay
        </Button>
        <Button variant="default" color="red" onClick={() => proceed?.()}>
          Leave without it
        </Button>
      </Group>
    </Modal>
  );
}
