import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { CopyOnce } from "../../ui/copy-once.tsx";
import { useApiForm } from "../../ui/form.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import { type Role, roleOptions } from "./role-words.ts";

/** A new user chooses a password by a link: sent by mail, or shown once where this installation sends none. */
export function InviteForm({ onDone }: { readonly onDone: () => void }) {
  const reask = useReask("/users");
  const [link, setLink] = useState<Schema<"LinkDelivery"> | null>(null);
  const { form, problem, isSending, send } = useApiForm({
    initialValues: { name: "", email: "", role: "author" as Role },
  });
  const submit = form.onSubmit(async (values) => {
    const invite = async (body: typeof values) => {
      const { data } = await client.POST("/api/v1/users", { body });
      setLink(data?.invitation ?? null);
    };
    if (await send(invite, values)) await reask();
  });
  if (link) {
    return (
      <Stack>
        <LinkDelivered delivery={link} />
        <Button onClick={onDone}>Done</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <TextInput label="Name" required data-autofocus {...form.getInputProps("name")} />
        <TextInput label="E-mail" type="email" required {...form.getInputProps("email")} />
        <Select label="Role" data={roleOptions} allowDeselect={false} required {...form.getInputProps("role")} />
        <Group justify="end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            Invite
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What became of a link to a password. */
export function LinkDelivered({ delivery }: { readonly delivery: Schema<"LinkDelivery"> }) {
  if (delivery.sentByMail || delivery.url === null) return <Text>The link is on its way by mail.</Text>;
  return (
    <CopyOnce title="Hand this link over" value={delivery.url}>
      This installation sends no mail. The link is shown this once; whoever opens it chooses the password.
    </CopyOnce>
  );
}
