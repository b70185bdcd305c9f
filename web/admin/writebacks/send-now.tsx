import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSend } from "@tabler/icons-react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import { tell } from "../../ui/toasts.tsx";
import { When } from "../../ui/when.tsx";
import type { Summary } from "./words.ts";

/** Sends what waits now instead of at the next tick; first it says what that will do. */
export function SendNow({ summary }: { readonly summary: Summary }) {
  const [isOpen, modal] = useDisclosure(false);
  const maySend = useMay("writebacks:send");
  if (!maySend) return null;
  return (
    <>
      <Button
        leftSection={<IconSend size={16} aria-hidden />}
        disabled={summary.counts.ready === 0}
        onClick={modal.open}
      >
        Send now…
      </Button>
      <Modal opened={isOpen} onClose={modal.close} title="Send the writebacks now">
        <Question summary={summary} onClose={modal.close} />
      </Modal>
    </>
  );
}

function Question({ summary, onClose }: { readonly summary: Summary; readonly onClose: () => void }) {
  const { counts, nextDueAt } = summary;
  const { count } = useNumbers();
  const onSettled = useReask("/writebacks", "/home");
  const send = api.useMutation("post", "/api/v1/writebacks/send", {
    onSettled,
    onSuccess: ({ ready }) => {
      onClose();
      tell({ title: ready === 1 ? "One writeback is being sent" : `${count(ready)} writebacks are being sent` });
    },
  });
  return (
    <Stack>
      {send.isError && <ProblemAlert error={send.error} />}
      <Text size="sm">
        {counts.ready === 1 ? "One writeback waits" : `${count(counts.ready)} writebacks wait`}
        {nextDueAt !== null && (
          <>
            ; the next tick is <When at={nextDueAt} isAhead />
          </>
        )}
        . Sent now, each changes one person in netFORUM Pro: an unsubscribe and a bad e-mail set Do Not Email there, a
        resubscribe clears it. Each person's go in the order they were decided.
      </Text>
      <Text size="sm" c="dimmed">
        Those that failed are not among them: Retry takes them up. It takes a session of the bridge, as a sync does.
      </Text>
      <Group justify="end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={send.isPending} disabled={counts.ready === 0} onClick={() => send.mutate({})}>
          Send {count(counts.ready)} now
        </Button>
      </Group>
    </Stack>
  );
}
