import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { CopyOnce } from "../../ui/copy-once.tsx";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import { When } from "../../ui/when.tsx";
import { DeliveryLog } from "./delivery-log.tsx";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookState } from "./webhook-state.tsx";

type Webhook = Schema<"Webhook">;
const route = getRouteApi("/shell/admin/webhooks/$webhookId");

/** One webhook: how it is doing, what it is told of, its secret, and what became of each event. */
export function WebhookPage() {
  const { webhookId: id } = route.useParams();
  const webhook = api.useQuery(
    "get",
    "/api/v1/webhooks/{id}",
    { params: { path: { id } } },
    { refetchInterval: 10_000 },
  );
  return (
    <Page
      title="Webhook"
      about={<bdi style={{ overflowWrap: "anywhere" }}>{webhook.data?.url}</bdi>}
      trail={[{ label: "Webhooks", to: "/admin/webhooks" }]}
      actions={webhook.data && <Actions webhook={webhook.data} />}
    >
      <Loaded query={webhook} lines={8}>
        {(found) => (
          <Stack gap="lg">
            <Doing webhook={found} />
            <Settings key={`${found.id} ${found.version}`} webhook={found} />
            <Secret webhook={found} />
            <DeliveryLog webhook={found} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Doing({ webhook }: { readonly webhook: Webhook }) {
  if (webhook.switchedOffReason !== null)
    return (
      <Alert color="red" title="Lockstep switched this webhook off">
        {webhook.switchedOffReason} What waited was given up; each event can be sent again once it is on.
      </Alert>
    );
  if (webhook.failingSince !== null)
    return (
      <Alert
        color="orange"
        title={
          webhook.failuresInARow === 1 ? "The last call failed" : `${webhook.failuresInARow} calls in a row failed`
        }
      >
        Nothing arrived since <When at={webhook.failingSince} />.
        {webhook.pausedUntil !== null && (
          <>
            {" "}
            It is tried again <When at={webhook.pausedUntil} isAhead />.
          </>
        )}{" "}
        After five days of nothing but failures it is switched off.
      </Alert>
    );
  return (
    <Group gap="sm">
      <WebhookState webhook={webhook} />
      <Text size="sm" c="dimmed" component="div">
        {webhook.succeededAt === null ? (
          "Nothing was delivered yet"
        ) : (
          <>
            Last delivered <When at={webhook.succeededAt} />
          </>
        )}
        ; {webhook.waiting} waiting
      </Text>
    </Group>
  );
}

function Actions({ webhook }: { readonly webhook: Webhook }) {
  const onSettled = useReask("/webhooks");
  const navigate = useNavigate();
  const [isAsking, setIsAsking] = useState(false);
  const options = { onError: tellProblem, onSettled };
  const test = api.useMutation("post", "/api/v1/webhooks/{id}/test", options);
  const change = api.useMutation("patch", "/api/v1/webhooks/{id}", options);
  const remove = api.useMutation("delete", "/api/v1/webhooks/{id}", {
    onError: tellProblem,
    onSuccess: async () => {
      tell({ title: "The webhook is deleted", message: webhook.url });
      await navigate({ to: "/admin/webhooks" });
      await onSettled();
    },
  });
  const params = { path: { id: webhook.id } };
  if (isAsking)
    return (
      <>
        <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate({ params })}>
          Delete it with its log
        </Button>
        <Button variant="default" onClick={() => setIsAsking(false)}>
          Keep
        </Button>
      </>
    );
  return (
    <>
      {webhook.isActive && (
        <Button
          loading={test.isPending}
          onClick={() => test.mutate({ params }, { onSuccess: () => tell({ title: "A test is on its way" }) })}
        >
          Send a test
        </Button>
      )}
      <Button
        variant="default"
        loading={change.isPending}
        onClick={() => change.mutate({ params, body: { isActive: !webhook.isActive } })}
      >
        {webhook.isActive ? "Switch off" : "Switch on"}
      </Button>
      <Button variant="default" onClick={() => setIsAsking(true)}>
        Delete
      </Button>
    </>
  );
}

function Settings({ webhook }: { readonly webhook: Webhook }) {
  const reask = useReask("/webhooks");
  return (
    <Section title="What it is told of">
      <WebhookForm
        webhook={webhook}
        submitLabel="Save"
        save={async (values) => {
          const params = { path: { id: webhook.id } };
          await client.PATCH("/api/v1/webhooks/{id}", { params, body: { ...values, version: webhook.version } });
          tell({ title: "The webhook is saved" });
          await reask();
        }}
      />
    </Section>
  );
}

function Secret({ webhook }: { readonly webhook: Webhook }) {
  const onSettled = useReask("/webhooks");
  const [secret, setSecret] = useState<string | null>(null);
  const replace = api.useMutation("post", "/api/v1/webhooks/{id}/secret", { onError: tellProblem, onSettled });
  const make = () =>
    replace.mutate({ params: { path: { id: webhook.id } } }, { onSuccess: (made) => setSecret(made.secret) });
  return (
    <Section
      title="Secret"
      about={
        webhook.oldSecretUntil === null ? (
          "Every call is signed with it. It was shown when it was made, and can't be shown again."
        ) : (
          <>
            The replaced secret signs beside the new one until <When at={webhook.oldSecretUntil} isAhead />.
          </>
        )
      }
      actions={
        <Button variant="default" size="xs" loading={replace.isPending} onClick={make}>
          Make a new secret
        </Button>
      }
    >
      <Modal opened={secret !== null} onClose={() => setSecret(null)} title="A new secret" size="lg">
        <CopyOnce title="The webhook's new secret" value={secret ?? ""}>
          It is shown this once. The old one signs beside it for 24 hours, so that your program can change over.
        </CopyOnce>
      </Modal>
    </Section>
  );
}
