import type { EventType, WebhookType } from "../notices/event.rules.ts";

export type WebhookId = string & { readonly __brand: "WebhookId" };
export type DeliveryId = string & { readonly __brand: "DeliveryId" };

/** An address of the account's own, which is told of events. What is secret about it stays in the store. */
export interface Webhook {
  readonly id: WebhookId;
  readonly url: string;
  readonly events: readonly WebhookType[];
  readonly isActive: boolean;
  /** Until then the replaced secret signs beside the new one; null when there is none. */
  readonly oldSecretUntil: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly createdBy: string;
  readonly succeededAt: Temporal.Instant | null;
  readonly failingSince: Temporal.Instant | null;
  readonly failuresInARow: number;
  /** Until then it is left alone, since it failed. */
  readonly pausedUntil: Temporal.Instant | null;
  readonly switchedOffReason: string | null;
  readonly waiting: number;
  readonly version: number;
}

/** A webhook that the program has switched off, and why. */
export interface SwitchedOffWebhook {
  readonly id: WebhookId;
  readonly url: string;
  /** Since when nothing but failures came back. */
  readonly failingSince: Temporal.Instant | null;
  readonly reason: string;
}

export const deliveryStates = ["waiting", "sending", "delivered", "given_up"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One event on its way to one webhook, or arrived. */
export interface Delivery {
  readonly id: DeliveryId;
  readonly eventId: string;
  readonly type: EventType;
  readonly at: Temporal.Instant;
  readonly state: DeliveryState;
  /** When it is tried next, while it waits. */
  readonly dueAt: Temporal.Instant;
  readonly tries: number;
  readonly endedAt: Temporal.Instant | null;
  /** The latest attempt's. */
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number | null;
}

/** One call. Without a duration it is under way, or was cut off: nobody knows whether it arrived. */
export interface Attempt {
  readonly at: Temporal.Instant;
  readonly durationMs: number | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
}
