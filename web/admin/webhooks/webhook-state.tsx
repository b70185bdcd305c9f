import type { Schema } from "../../api/client.ts";
import { ToneBadge } from "../../ui/state-badge.tsx";
import type { Tone } from "../../ui/sync-words.ts";

type Webhook = Schema<"Webhook">;
export type Delivery = Schema<"WebhookDelivery">;

/** How a webhook is doing, in a word. */
export function WebhookState({ webhook }: { readonly webhook: Webhook }) {
  if (!webhook.isActive)
    return (
      <ToneBadge tone={webhook.switchedOffReason === null ? "quiet" : "bad"}>
        {webhook.switchedOffReason === null ? "Off" : "Switched off"}
      </ToneBadge>
    );
  return webhook.failingSince === null ? (
    <ToneBadge tone="good">On</ToneBadge>
  ) : (
    <ToneBadge tone="warn">Failing</ToneBadge>
  );
}

export const deliveryWords: Record<Delivery["state"], { readonly word: string; readonly tone: Tone }> = {
  waiting: { word: "Waiting", tone: "quiet" },
  sending: { word: "Sending", tone: "busy" },
  delivered: { word: "Delivered", tone: "good" },
  given_up: { word: "Given up", tone: "bad" },
};

/** What became of an event; one that failed and is tried again says so. */
export function DeliveryBadge({ delivery }: { readonly delivery: Delivery }) {
  if (delivery.state === "waiting" && delivery.tries > 0) return <ToneBadge tone="warn">Tried again</ToneBadge>;
  const { word, tone } = deliveryWords[delivery.state];
  return <ToneBadge tone={tone}>{word}</ToneBadge>;
}

/** What an attempt came to, in words. */
export function answerOf({ status, error }: Pick<Delivery, "status" | "error">): string {
  return error ?? (status === null ? "none yet" : `status ${status}`);
}
