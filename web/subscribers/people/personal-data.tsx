import { Button, Group, List, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconDownload, IconEraser } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Address } from "../../ui/address.tsx";
import { useApiForm } from "../../ui/form.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Loaded, ProblemAlert } from "../../ui/states.tsx";
import { tell } from "../../ui/toasts.tsx";

type Person = Schema<"SubscriberDetails">;
type Erasure = Schema<"Erasure">;

/** What a person may ask for: all that is kept of them, and that it goes. (product 2.6) */
export function PersonalData({ person }: { readonly person: Person }) {
  const [isOpen, setIsOpen] = useState(false);
  if (!useMay("personal-data:manage")) return null;
  const file = (format: string) => `/api/v1/subscribers/${person.id}/export?format=${format}`;
  return (
    <Section title="Personal data" about="On the person's request. Who exported or erased stands in the audit log.">
      <Group gap="xs">
        <Button
          component="a"
          href={file("html")}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Export to read
        </Button>
        <Button
          component="a"
          href={file("json")}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Export as JSON
        </Button>
        <Button
          variant="light"
          color="red"
          leftSection={<IconEraser size={16} aria-hidden />}
          onClick={() => setIsOpen(true)}
        >
          Erase…
        </Button>
      </Group>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title="Erase this person" size="lg">
        <ErasePerson person={person} onCancel={() => setIsOpen(false)} />
      </Modal>
    </Section>
  );
}

interface EraseProps {
  readonly person: Person;
  readonly onCancel: () => void;
}

function ErasePerson({ person, onCancel }: EraseProps) {
  const erasure = api.useQuery("get", "/api/v1/subscribers/{id}/erasure", { params: { path: { id: person.id } } });
  return (
    <Loaded query={erasure} lines={8}>
      {(found) => (
        <Stack>
          <WhatGoes erasure={found} />
          <WhatStays erasure={found} />
          <Confirm person={person} onCancel={onCancel} />
        </Stack>
      )}
    </Loaded>
  );
}

const mostShown = 10;

function WhatGoes({ erasure: { entries, files, kept } }: { readonly erasure: Erasure }) {
  const { count } = useNumbers();
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        This goes, and nothing brings it back
      </Title>
      <List size="sm" spacing={4}>
        {entries.slice(0, mostShown).map(({ id, email, remoteId }) => (
          <List.Item key={id}>
            <Address email={email} />, {remoteId ?? "came by upload"}
          </List.Item>
        ))}
        {entries.length > mostShown && (
          <List.Item>{count(entries.length - mostShown)} more entries with one of these addresses</List.Item>
        )}
        <List.Item>All values, the history of the status, and the address in {count(kept.mailings)} mailings</List.Item>
        {kept.waiting > 0 && (
          <List.Item>{count(kept.waiting)} mailings that wait to be sent to the person: they are not sent</List.Item>
        )}
        <List.Item>Rows of syncs and uploads, and entries of the audit log, that name the person</List.Item>
        {files.map((file) => (
          <List.Item key={file}>
            The uploaded file <bdi>{file}</bdi>, which waits to be imported and names the person
          </List.Item>
        ))}
      </List>
    </div>
  );
}

function WhatStays({ erasure: { remoteId, kept } }: { readonly erasure: Erasure }) {
  const { count } = useNumbers();
  const known = remoteId === null ? "the address" : "the addresses and of the customer key";
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        This stays
      </Title>
      <List size="sm" spacing={4}>
        <List.Item>
          Numbers of groups and reports: an empty row counts on, as unsubscribed, until each of {count(kept.groups)}{" "}
          groups is synced again
        </List.Item>
        <List.Item>
          Keyed hashes of {known}: a later sync, upload or restored backup brings nobody back into mailings
        </List.Item>
        {kept.openWritebacks > 0 && (
          <List.Item>
            {count(kept.openWritebacks)} writebacks on their way to netFORUM Pro, by the customer key alone
          </List.Item>
        )}
        <List.Item>What netFORUM Pro itself has: erase the person there as well</List.Item>
      </List>
    </div>
  );
}

function Confirm({ person, onCancel }: EraseProps) {
  const memory = useQueryClient();
  const navigate = useNavigate();
  const { form, problem, isSending, send } = useApiForm({ initialValues: { confirm: "" } });
  const submit = form.onSubmit(async (values) => {
    const request = { params: { path: { id: person.id } }, body: values };
    if (!(await send(() => client.POST("/api/v1/subscribers/{id}/erase", request), values))) return;
    await navigate({ to: "/subscribers" });
    tell({ title: "Erased", message: "Nothing of this person is kept that could name them." });
    await memory.invalidateQueries();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <TextInput
          label="Type the person's e-mail address to confirm"
          description={<Address email={person.email} />}
          autoComplete="off"
          required
          {...form.getInputProps("confirm")}
        />
        <Text size="sm" c="dimmed">
          Should the person ask to come back, an administrator lifts this under Subscribers, by typing the address.
        </Text>
        <Group justify="end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={isSending}>
            Erase for good
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
