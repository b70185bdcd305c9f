import { Button, Code, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { api, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { eventWords } from "../../notices/event-words.ts";
import { Loaded } from "../../ui/states.tsx";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import { Moment } from "../../ui/when.tsx";
import { answerOf, DeliveryBadge } from "./webhook-state.tsx";

type Webhook = Schema<"Webhook">;
type Detail = Schema<"WebhookDeliveryDetail">;

interface DeliveryDrawerProps {
  readonly webhook: Webhook;
  /** Closed without one. */
  readonly deliveryId: string | undefined;
  readonly onClose: () => void;
}

/** One event: what was sent, each attempt, and what was answered. */
export function DeliveryDrawer({ webhook, deliveryId, onClose }: DeliveryDrawerProps) {
  return (
    <Drawer
      opened={deliveryId !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title="What was sent"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {deliveryId !== undefined && <Content webhook={webhook} id={deliveryId} />}
    </Drawer>
  );
}

function Content({ webhook, id }: { readonly webhook: Webhook; readonly id: string }) {
  const delivery = api.useQuery(
    "get",
    "/api/v1/webhooks/{id}/deliveries/{deliveryId}",
    { params: { path: { id: webhook.id, deliveryId: id } } },
    { refetchInterval: 5_000 },
  );
  return (
    <Loaded query={delivery} lines={8}>
      {(found) => (
        <Stack>
          <Group justify="space-between">
            <Title order={2} fz="h3">
              {eventWords[found.type]}
            </Title>
            <DeliveryBadge delivery={found} />
          </Group>
          <Text size="sm" c="dimmed" component="div">
            <Moment at={found.at} /> · id <Code>{found.eventId}</Code>
          </Text>
          <SendAgain webhook={webhook} delivery={found} />
          <Title order={3} fz="h4">
            Attempts
          </Title>
          {found.attempts.length === 0 && <Text size="sm">None yet: it leaves within seconds.</Text>}
          {found.attempts.map((attempt) => (
            <OneAttempt key={attempt.at} attempt={attempt} />
          ))}
          <Title order={3} fz="h4">
            Body
          </Title>
          <Block label="Body">{JSON.stringify(JSON.parse(found.payload), null, 2)}</Block>
        </Stack>
      )}
    </Loaded>
  );
}

function SendAgain({ webhook, delivery }: { readonly webhook: Webhook; readonly delivery: Detail }) {
  const onSettled = useReask("/webhooks");
  const again = api.useMutation("post", "/api/v1/webhooks/{id}/deliveries/{deliveryId}/send-again", {
    onError: tellProblem,
    onSettled,
  });
  const isOver = delivery.state === "delivered" || delivery.state === "given_up";
  if (!isOver || !webhook.isActive) return null;
  const params = { path: { id: webhook.id, deliveryId: delivery.id } };
  return (
    <Group>
      <Button
        variant="default"
        loading={again.isPending}
        onClick={() => again.mutate({ params }, { onSuccess: () => tell({ title: "It is sent again" }) })}
      >
        Send it again
      </Button>
    </Group>
  );
}

function OneAttempt({ attempt }: { readonly attempt: Detail["attempts"][number] }) {
  const isCutOff = attempt.durationMs === null;
  return (
    <div>
      <Text size="sm" component="div">
        <Moment at={attempt.at} />:{" "}
        {isCutOff
          ? "under way, or cut off: nobody knows whether it arrived"
          : `${answerOf(attempt)}, ${attempt.durationMs} ms`}
      </Text>
      {attempt.answer && <Block label="Answer">{attempt.answer}</Block>}
    </div>
  );
}

/** Text as it came, wrapped and scrolled within its place. */
function Block({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <Code
      block
      tabIndex={0}
      role="group"
      aria-label={label}
      mt={4}
      mah="18rem"
      style={{ overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
    >
      {children}
    </Code>
  );
}
