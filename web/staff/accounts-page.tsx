import {
  ActionIcon,
  Alert,
  Button,
  Code,
  Group,
  List,
  Menu,
  Modal,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconDotsVertical, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, client, type Schema } from "../api/client.ts";
import { forgetAccount } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { useApiForm } from "../ui/form.ts";
import { Page } from "../ui/page.tsx";
import { ToneBadge } from "../ui/state-badge.tsx";
import { Empty, Loaded, ProblemAlert } from "../ui/states.tsx";
import type { Tone } from "../ui/sync-words.ts";
import { timeZones } from "../ui/time-zones.ts";
import { tellProblem } from "../ui/toasts.tsx";
import { When } from "../ui/when.tsx";

type Listed = Schema<"AccountHealth">;

const health: Record<Listed["bridge"], { readonly word: string; readonly tone: Tone }> = {
  healthy: { word: "Works", tone: "good" },
  not_set_up: { word: "Not set up", tone: "quiet" },
  inactive: { word: "Switched off", tone: "quiet" },
  needs_attention: { word: "Credentials refused", tone: "bad" },
  unreachable: { word: "Can't be reached", tone: "bad" },
};

/** Staff: every account with the health of its bridge; make, enter, suspend. */
export function AccountsPage() {
  const accounts = api.useQuery("get", "/api/v1/accounts");
  const [isOpen, making] = useDisclosure(false);
  return (
    <Page
      title="Accounts"
      about="Every account of this installation. What you do inside one is written to its audit log."
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={making.open}>
          New account
        </Button>
      }
    >
      <LastCheck />
      <Loaded query={accounts}>
        {(rows) => (
          <DataTable
            label="Accounts"
            columns={columns}
            rows={rows}
            idOf={(account) => account.id}
            empty={<Empty title="No accounts yet">Make one, enter it, and invite its administrator.</Empty>}
          />
        )}
      </Loaded>
      <Modal opened={isOpen} onClose={making.close} title="New account">
        <NewAccount onDone={making.close} />
      </Modal>
    </Page>
  );
}

/** What the nightly check of the data found: nothing, on a good day. */
function LastCheck() {
  const { data } = api.useQuery("get", "/api/v1/verification");
  if (!data) return null;
  if (!data.last)
    return (
      <Text size="sm" c="dimmed">
        The data have not been checked against their own rules yet: a worker does so every night.
      </Text>
    );
  const { findings, finishedAt } = data.last;
  if (findings.length === 0)
    return (
      <Text size="sm" c="dimmed">
        All data kept their own rules when they were last checked, <When at={finishedAt} />.
      </Text>
    );
  return (
    <Alert color="red" title="The data break rules of their own" icon={<IconAlertTriangle size={18} aria-hidden />}>
      Found by the nightly check <When at={finishedAt} />. Run <Code>lockstep verify</Code> for all of them, and resync
      the groups that are named.
      <List size="sm" mt="xs">
        {findings.slice(0, 5).map(({ rule, message }) => (
          <List.Item key={message}>
            {rule}: <bdi>{message}</bdi>
          </List.Item>
        ))}
      </List>
      {findings.length > 5 && `… and ${findings.length - 5} more.`}
    </Alert>
  );
}

const columns: readonly Column<Listed>[] = [
  { id: "name", header: "Account", cell: (account) => <bdi>{account.name}</bdi> },
  {
    id: "bridge",
    header: "Bridge",
    cell: (account) => (
      <>
        <ToneBadge tone={health[account.bridge].tone}>{health[account.bridge].word}</ToneBadge>
        {account.reason && (
          <Text size="xs" c="dimmed">
            {account.reason}
          </Text>
        )}
      </>
    ),
  },
  { id: "list", header: "List refreshed", from: "md", cell: (account) => <When at={account.listSyncedAt} /> },
  { id: "suspended", header: "Suspended", from: "lg", cell: (account) => <When at={account.suspendedAt} never="no" /> },
  {
    id: "enter",
    header: <span style={{ fontSize: 0 }}>Actions</span>,
    kind: "action",
    cell: (account) => <Actions account={account} />,
  },
];

function Actions({ account }: { readonly account: Listed }) {
  const memory = useQueryClient();
  const navigate = useNavigate();
  const onSettled = useReask("/accounts");
  const options = { onError: tellProblem, onSettled };
  const enter = api.useMutation("post", "/api/v1/accounts/{id}/enter", {
    onError: tellProblem,
    onSuccess: async () => {
      await forgetAccount(memory);
      await navigate({ to: "/" });
    },
  });
  const suspend = api.useMutation("post", "/api/v1/accounts/{id}/suspend", options);
  const resume = api.useMutation("post", "/api/v1/accounts/{id}/resume", options);
  const params = { path: { id: account.id } };
  return (
    <Group gap={6} justify="end" wrap="nowrap">
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Enter ${account.name}`}
        loading={enter.isPending}
        onClick={() => enter.mutate({ params })}
      >
        Enter
      </Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`${account.name}: menu`}>
            <IconDotsVertical size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {account.suspendedAt === null ? (
            <Menu.Item onClick={() => suspend.mutate({ params })}>Suspend: nobody of it signs in</Menu.Item>
          ) : (
            <Menu.Item onClick={() => resume.mutate({ params })}>Let it go on</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function NewAccount({ onDone }: { readonly onDone: () => void }) {
  const reask = useReask("/accounts");
  const { form, problem, isSending, send } = useApiForm({
    initialValues: { name: "", timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  });
  const submit = form.onSubmit(async (values) => {
    if (!(await send((body) => client.POST("/api/v1/accounts", { body }), values))) return;
    await reask();
    onDone();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <TextInput label="Name of the association" required data-autofocus {...form.getInputProps("name")} />
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          data={timeZones()}
          {...form.getInputProps("timeZone")}
        />
        <Group justify="end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            Make the account
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
