import { Anchor, Button, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { eventWords } from "../../notices/event-words.ts";
import { CopyOnce } from "../../ui/copy-once.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookState } from "./webhook-state.tsx";

type Webhook = Schema<"Webhook">;

/** As many as an account may have. */
const most = 10;

/** Admin › Webhooks: programs of your own that are told what happens. */
export function WebhooksPage() {
  const webhooks = api.useQuery("get", "/api/v1/webhooks");
  const [isOpen, adding] = useDisclosure(false);
  const mayManage = useMay("webhooks:manage");
  const isFull = (webhooks.data?.length ?? 0) >= most;
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open} disabled={isFull}>
      Add a webhook
    </Button>
  );
  return (
    <Page
      title="Webhooks"
      about={
        <>
          Addresses of your own programs that are called when something happens, each call signed. What they are sent is
          described with the <Anchor href="/api/docs">API</Anchor>.{isFull && ` An account has ${most} at most.`}
        </>
      }
      actions={mayManage && add}
    >
      <Loaded query={webhooks}>
        {(rows) => (
          <DataTable
            label="Webhooks"
            columns={columns}
            rows={rows}
            idOf={(webhook) => webhook.id}
            empty={
              <Empty title="No webhooks">
                A program of yours can be told when a sync ends, a mailing is sent or somebody unsubscribes, instead of
                asking again and again.
              </Empty>
            }
          />
        )}
      </Loaded>
      <Modal opened={isOpen} onClose={adding.close} title="Add a webhook" size="lg">
        <NewWebhook onDone={adding.close} />
      </Modal>
    </Page>
  );
}

const columns: readonly Column<Webhook>[] = [
  {
    id: "url",
    header: "Address",
    cell: (webhook) => (
      <Anchor
        component={Link}
        to={`/admin/webhooks/${webhook.id}`}
        style={{ overflowWrap: "anywhere" }}
        title={webhook.url}
        lineClamp={2}
        inherit
      >
        {webhook.url}
      </Anchor>
    ),
  },
  { id: "state", header: "State", cell: (webhook) => <WebhookState webhook={webhook} /> },
  {
    id: "events",
    header: "Told of",
    from: "md",
    cell: ({ events }) => {
      const words = events.map((type) => eventWords[type]).join(", ");
      return (
        <Text inherit lineClamp={2} title={words}>
          {words}
        </Text>
      );
    },
  },
  { id: "waiting", header: "Waiting", kind: "number", from: "sm", cell: (webhook) => webhook.waiting },
  { id: "last", header: "Last delivered", from: "sm", cell: (webhook) => <When at={webhook.succeededAt} /> },
];

function NewWebhook({ onDone }: { readonly onDone: () => void }) {
  const reask = useReask("/webhooks");
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null)
    return (
      <Stack>
        <CopyOnce title="The webhook's secret" value={secret}>
          It is shown this once. Your program proves with it that a call comes from here.
        </CopyOnce>
        <Button onClick={onDone}>Done</Button>
      </Stack>
    );
  return (
    <WebhookForm
      submitLabel="Add it"
      onCancel={onDone}
      save={async (body) => {
        const { data } = await client.POST("/api/v1/webhooks", { body });
        setSecret(data?.secret ?? null);
        await reask();
      }}
    />
  );
}
