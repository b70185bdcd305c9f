import { Alert, Button, Group, Modal, Stack, TagsInput, Text } from "@mantine/core";
import { useState } from "react";
import { client } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { useReturnFocus } from "../../ui/return-focus.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import type { Mailing } from "../mailing.ts";
import { FindPerson, type Person } from "../preview/find-person.tsx";

interface Props {
  readonly mailing: Mailing;
  readonly onClose: () => void;
}

const most = 10;

/** Sends the mailing as it is saved to a few addresses, filled as for one person. */
export function TestSendModal({ mailing, onClose }: Props) {
  const { user } = useMe();
  useReturnFocus();
  const reask = useReask("/mailings");
  const [person, setPerson] = useState<Person | null>(null);
  const [sentTo, setSentTo] = useState<readonly string[] | null>(null);
  const { form, problem, isSending, send } = useApiForm<{ to: string[] }>({ initialValues: { to: [user.email] } });
  const submit = form.onSubmit(async (values) => {
    const isSent = await send(
      ({ to }) =>
        client.POST("/api/v1/mailings/{id}/test-sends", {
          params: { path: { id: mailing.id } },
          body: { to, ...(person && { subscriberId: person.id }) },
        }),
      values,
    );
    if (!isSent) return;
    setSentTo(values.to);
    await reask();
  });
  return (
    <Modal opened onClose={onClose} title="Test send">
      <form onSubmit={submit} noValidate>
        <Stack>
          {problem && <ProblemAlert error={problem} />}
          {sentTo && (
            <Alert color="step" role="status" title="Sent">
              <Text size="sm">
                On its way to <bdi>{sentTo.join(", ")}</bdi>. It counts in no report.
              </Text>
            </Alert>
          )}
          <TagsInput
            label="To"
            description={`Up to ${most} addresses; the Enter key ends each.`}
            data-autofocus
            openOnFocus={false}
            maxTags={most}
            acceptValueOnBlur
            splitChars={[",", ";", " "]}
            inputMode="email"
            clearable={false}
            {...form.getInputProps("to")}
          />
          <FindPerson
            label="With the values of"
            description="Left empty, the defaults stand where values would."
            person={person}
            onChoose={setPerson}
          />
          <Group>
            <Button type="submit" loading={isSending} disabled={form.values.to.length === 0}>
              {sentTo ? "Send again" : "Send the test"}
            </Button>
            <Button variant="default" onClick={onClose}>
              {sentTo ? "Done" : "Cancel"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
