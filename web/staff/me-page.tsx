import { Button, Group, Modal, PasswordInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, client, type Schema } from "../api/client.ts";
import { useMe } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { SecondFactorSetup } from "../sign-in/second-factor-setup.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { useApiForm } from "../ui/form.ts";
import { Page } from "../ui/page.tsx";
import { Section } from "../ui/section.tsx";
import { ToneBadge } from "../ui/state-badge.tsx";
import { Loaded, ProblemAlert } from "../ui/states.tsx";
import { tellProblem } from "../ui/toasts.tsx";
import { When } from "../ui/when.tsx";

/** The own sign-in: password, second factor, and where one is signed in. */
export function MePage() {
  const { user } = useMe();
  return (
    <Page title="Your sign-in" about={<bdi>{`${user.name}, ${user.email}`}</bdi>}>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Section title="Password" about="When it changes, every other session of yours ends.">
          <PasswordForm />
        </Section>
        <SecondFactor />
      </SimpleGrid>
      <Sessions />
    </Page>
  );
}

function PasswordForm() {
  const reask = useReask("/me");
  const { form, problem, isSending, isSaved, send } = useApiForm({
    initialValues: { currentPassword: "", newPassword: "" },
  });
  const submit = form.onSubmit(async (values) => {
    const change = async (body: typeof values) => {
      await client.PUT("/api/v1/me/password", { body });
      form.reset();
    };
    if (!(await send(change, values))) return;
    await reask();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <PasswordInput
          label="Password now"
          autoComplete="current-password"
          required
          {...form.getInputProps("currentPassword")}
        />
        <PasswordInput
          label="New password"
          description="12 characters or more. A few words that don't belong together are best."
          autoComplete="new-password"
          required
          {...form.getInputProps("newPassword")}
        />
        <Group>
          <Button type="submit" loading={isSending}>
            Change the password
          </Button>
          {isSaved && (
            <Text size="sm" role="status">
              Changed
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function SecondFactor() {
  const { user } = useMe();
  const reask = useReask("/me");
  const [isOpen, setup] = useDisclosure(false);
  return (
    <Section title="Second factor" about="Besides the password, a code from an app on your phone.">
      <Group>
        <ToneBadge tone={user.hasSecondFactor ? "good" : "warn"}>{user.hasSecondFactor ? "On" : "Off"}</ToneBadge>
        <Button variant="default" onClick={setup.open}>
          {user.hasSecondFactor ? "Set up another phone" : "Set it up"}
        </Button>
      </Group>
      <Modal opened={isOpen} onClose={setup.close} title="Second factor" size="lg">
        <SecondFactorSetup
          asksPassword={user.hasSecondFactor}
          onDone={() => {
            setup.close();
            void reask();
          }}
        />
      </Modal>
    </Section>
  );
}

type Session = Schema<"OwnSession">;

function Sessions() {
  const sessions = api.useQuery("get", "/api/v1/me/sessions");
  const onSettled = useReask("/me/sessions");
  const memory = useQueryClient();
  const navigate = useNavigate();
  const end = api.useMutation("delete", "/api/v1/me/sessions/{id}", { onError: tellProblem, onSettled });
  const endAll = api.useMutation("delete", "/api/v1/sessions", {
    onError: tellProblem,
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      memory.clear();
    },
  });
  const columns: readonly Column<Session>[] = [
    { id: "device", header: "Browser", cell: (session) => <bdi>{session.device}</bdi> },
    { id: "since", header: "Signed in", from: "sm", cell: (session) => <When at={session.createdAt} /> },
    { id: "used", header: "Last used", cell: (session) => <When at={session.usedAt} /> },
    {
      id: "end",
      header: <span style={{ fontSize: 0 }}>Actions</span>,
      kind: "action",
      cell: (session) =>
        session.isCurrent ? (
          "this one"
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => end.mutate({ params: { path: { id: session.id } } })}
          >
            End it
          </Button>
        ),
    },
  ];
  return (
    <Section
      title="Where you are signed in"
      actions={
        <Button variant="default" loading={endAll.isPending} onClick={() => endAll.mutate({})}>
          Sign out everywhere
        </Button>
      }
    >
      <Loaded query={sessions} lines={3}>
        {(rows) => (
          <DataTable label="Sessions" columns={columns} rows={rows} idOf={(session) => session.id} empty={null} />
        )}
      </Loaded>
    </Section>
  );
}
