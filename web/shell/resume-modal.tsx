import { Button, Checkbox, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "../api/client.ts";
import { useReask } from "../api/reask.ts";
import { useReturnFocus } from "../ui/return-focus.ts";
import { ProblemAlert } from "../ui/states.tsx";
import { Moment } from "../ui/when.tsx";

interface Props {
  readonly erasuresUnknownSince: string | null;
  readonly onClose: () => void;
}

/** Asks before a copy goes on: what it may do twice, and whom it may have brought back. (product 2.6, 6.3) */
export default function ResumeModal({ erasuresUnknownSince: since, onClose }: Props) {
  useReturnFocus();
  const [isOnlyOne, setIsOnlyOne] = useState(false);
  const [isNobodyErased, setIsNobodyErased] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const reask = useReask("/installation");
  const resume = api.useMutation("post", "/api/v1/installation/resume", {
    onError: setProblem,
    onSuccess: async () => {
      onClose();
      await reask();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Let mailings and writebacks go on">
      <Stack>
        <Text size="sm">
          Mailings that are due, writebacks that wait, notices and webhook calls of all accounts leave within seconds.
          It can’t be undone, and stands in every account’s audit log.
        </Text>
        <Checkbox
          label="No other installation with these data sends any more"
          checked={isOnlyOne}
          onChange={(event) => setIsOnlyOne(event.currentTarget.checked)}
        />
        {since !== null && (
          <>
            <Text size="sm">
              This state is of <Moment at={since} />. Whoever was erased on request after that is back in it. To erase
              them again, run this first, with what <Code>lockstep person erasures</Code> printed of the state that was
              replaced, or with its data folder:
            </Text>
            <Code block>lockstep person erase-again --from FILE{"\n"}lockstep person erase-again --of FOLDER</Code>
            <Checkbox
              label="Nobody was erased since, or they are erased again"
              checked={isNobodyErased}
              onChange={(event) => setIsNobodyErased(event.currentTarget.checked)}
            />
          </>
        )}
        {problem !== null && <ProblemAlert error={problem} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={!isOnlyOne || (since !== null && !isNobodyErased)}
            loading={resume.isPending}
            onClick={() => resume.mutate({ body: since === null ? {} : { nobodyErased: true } })}
          >
            Let them go on
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
