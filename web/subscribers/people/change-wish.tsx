import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useApiForm } from "../../ui/form.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import { tell } from "../../ui/toasts.tsx";

type Person = Schema<"SubscriberDetails">;

/** An administrator changes what is set here of a person: what it means stands before the button. (product 2.4) */
export function ChangeWish({ person }: { readonly person: Person }) {
  const [isOpen, setIsOpen] = useState(false);
  const isSet = person.unsubscribedAt !== null || person.badEmailAt !== null || person.doNotEmailOrigin === "here";
  const label = isSet ? "Resubscribe" : "Unsubscribe";
  if (!useMay("subscribers:change")) return null;
  return (
    <Group mt="md">
      <Button variant="default" onClick={() => setIsOpen(true)}>
        {label}…
      </Button>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title={`${label} this person`}>
        <WishForm person={person} isSet={isSet} onDone={() => setIsOpen(false)} />
      </Modal>
    </Group>
  );
}

interface WishFormProps {
  readonly person: Person;
  readonly isSet: boolean;
  readonly onDone: () => void;
}

function WishForm({ person, isSet, onDone }: WishFormProps) {
  const memory = useQueryClient();
  const { form, problem, isSending, send } = useApiForm({ initialValues: { reason: "" } });
  const submit = form.onSubmit(async (values) => {
    const request = { params: { path: { id: person.id } }, body: values };
    const save = () =>
      isSet
        ? client.POST("/api/v1/subscribers/{id}/resubscribe", request)
        : client.POST("/api/v1/subscribers/{id}/unsubscribe", request);
    if (!(await send(save, values))) return;
    onDone();
    tell({ title: isSet ? "Resubscribed" : "Unsubscribed", message: person.email });
    await memory.invalidateQueries();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <Text size="sm">{isSet ? liftedBy(person) : stopped}</Text>
        <TextInput
          label={isSet ? "How the person agreed" : "Reason"}
          description={
            isSet
              ? "Your proof that they want it: it stands in the person's timeline and in the audit log."
              : "It stands in the person's timeline and in the audit log."
          }
          placeholder={isSet ? "Asked by phone on 3 May" : "Asked for it by letter"}
          required={isSet}
          data-autofocus
          {...form.getInputProps("reason")}
        />
        <Group justify="end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            {isSet ? "Resubscribe" : "Unsubscribe"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const stopped =
  "The person gets no more mailings of this account, at this address and at every other one that the same customer key leads to, until the person or an administrator takes it back. Groups keep them as a member, counted as unsubscribed.";

function liftedBy({ unsubscribedAt, badEmailAt, doNotEmailOrigin }: Person): string {
  const parts = [
    unsubscribedAt !== null && "The person said no to mailings: take it back only if they asked for it.",
    badEmailAt !== null && "Mail to this address came back: it is tried again, and counted anew.",
    doNotEmailOrigin === "ams" &&
      "The do-not-e-mail flag of netFORUM Pro stays: until it is lifted there, nothing is sent.",
    doNotEmailOrigin === "here" && "The do-not-e-mail flag in netFORUM Pro came from here: it is lifted there, too.",
  ];
  return parts.filter((part) => part !== false).join(" ");
}
