import { Anchor, Button, Code, Group, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { CopyOnce } from "../../ui/copy-once.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useApiForm } from "../../ui/form.ts";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded, ProblemAlert } from "../../ui/states.tsx";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import { When } from "../../ui/when.tsx";
import { type Role, roleOptions, roleWords } from "./role-words.ts";

type Key = Schema<"ApiKey">;

/** Admin › API keys: what programs sign in with. */
export function ApiKeysPage() {
  const keys = api.useQuery("get", "/api/v1/api-keys");
  return (
    <Page
      title="API keys"
      about={
        <>
          What programs sign in with. The API is described on <Anchor href="/api/docs">its own page</Anchor>.
        </>
      }
    >
      <Section title="Make a key">
        <NewKey />
      </Section>
      <Loaded query={keys}>
        {(rows) => (
          <DataTable
            label="API keys"
            columns={columns}
            rows={rows}
            idOf={(key) => key.id}
            empty={<Empty title="No keys">A key lets a program of yours ask for syncs and read groups.</Empty>}
          />
        )}
      </Loaded>
    </Page>
  );
}

const columns: readonly Column<Key>[] = [
  { id: "name", header: "Name", cell: (key) => <bdi>{key.name}</bdi> },
  { id: "hint", header: "Begins with", from: "sm", cell: (key) => <Code>{key.hint}…</Code> },
  { id: "role", header: "May do as", cell: (key) => roleWords[key.role].word },
  { id: "created", header: "Made", from: "sm", cell: (key) => <When at={key.createdAt} /> },
  {
    id: "used",
    header: "Last used",
    from: "md",
    cell: (key) => <When at={key.lastUsedAt} />,
  },
  {
    id: "revoke",
    header: <span style={{ fontSize: 0 }}>Actions</span>,
    kind: "action",
    cell: (key) => (key.revokedAt === null ? <Revoke apiKey={key} /> : "revoked"),
  },
];

function Revoke({ apiKey }: { readonly apiKey: Key }) {
  const onSettled = useReask("/api-keys");
  const revoke = api.useMutation("delete", "/api/v1/api-keys/{id}", { onError: tellProblem, onSettled });
  const [isAsking, setIsAsking] = useState(false);
  const params = { path: { id: apiKey.id } };
  if (!isAsking) {
    return (
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Revoke ${apiKey.name}`}
        onClick={() => setIsAsking(true)}
      >
        Revoke
      </Button>
    );
  }
  return (
    <Group gap={6} justify="end" wrap="nowrap">
      <Button
        size="compact-sm"
        color="red.9"
        loading={revoke.isPending}
        onClick={() =>
          revoke.mutate({ params }, { onSuccess: () => tell({ title: `The key “${apiKey.name}” is revoked` }) })
        }
      >
        Revoke for good
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setIsAsking(false)}>
        Keep
      </Button>
    </Group>
  );
}

function NewKey() {
  const reask = useReask("/api-keys");
  const [token, setToken] = useState<string | null>(null);
  const { form, problem, isSending, send } = useApiForm({ initialValues: { name: "", role: "viewer" as Role } });
  const submit = form.onSubmit(async (values) => {
    const make = async (body: typeof values) => {
      const { data } = await client.POST("/api/v1/api-keys", { body });
      setToken(data?.token ?? null);
    };
    if (!(await send(make, values))) return;
    form.reset();
    await reask();
  });
  return (
    <Stack>
      <form onSubmit={submit} noValidate>
        <Stack>
          {problem && <ProblemAlert error={problem} />}
          <Group align="end">
            <TextInput
              label="Name"
              placeholder="What it is for"
              required
              flex="1 1 14rem"
              {...form.getInputProps("name")}
            />
            <Select
              label="May do as"
              data={roleOptions}
              allowDeselect={false}
              flex="1 1 18rem"
              {...form.getInputProps("role")}
            />
            <Button type="submit" loading={isSending}>
              Make the key
            </Button>
          </Group>
        </Stack>
      </form>
      {token && (
        <CopyOnce title="Your new key" value={token}>
          It is shown this once. Keep it where your program finds it, and nowhere else.
        </CopyOnce>
      )}
    </Stack>
  );
}
