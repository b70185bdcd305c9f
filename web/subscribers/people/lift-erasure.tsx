import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { client } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useApiForm } from "../../ui/form.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import { tell } from "../../ui/toasts.tsx";

/** Lets an erased person come back, who asked for it. Nobody can list the erased: the address must be known. (product 2.6) */
export function LiftErasure() {
  const [isOpen, setIsOpen] = useState(false);
  if (!useMay("personal-data:manage")) return null;
  return (
    <>
      <Button variant="default" onClick={() => setIsOpen(true)}>
        Lift an erasure…
      </Button>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title="Lift an erasure">
        <LiftForm onDone={() => setIsOpen(false)} />
      </Modal>
    </>
  );
}

function LiftForm({ onDone }: { readonly onDone: () => void }) {
  const { form, problem, isSending, send } = useApiForm({ initialValues: { email: "", reason: "" } });
  const submit = form.onSubmit(async (values) => {
    if (!(await send(() => client.POST("/api/v1/lifted-erasures", { body: values }), values))) return;
    onDone();
    tell({ title: "Lifted", message: "The next sync or upload brings the person, as somebody new." });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <Text size="sm">
          For a person who was erased and asks to come back. Nothing that was erased comes back with them, an
          unsubscribe neither: lift it only if they asked for mailings.
        </Text>
        <TextInput
          label="E-mail address that the person was erased with"
          autoComplete="off"
          required
          data-autofocus
          {...form.getInputProps("email")}
        />
        <TextInput
          label="How the person asked for it"
          description="It stands in the audit log."
          placeholder="By phone on 3 May"
          required
          {...form.getInputProps("reason")}
        />
        <Group justify="end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            Lift
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
