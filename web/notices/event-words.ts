import type { Schema } from "../api/client.ts";

export type NoticeType = keyof Schema<"NoticeSettings">["choices"];
export type WebhookType = Schema<"Webhook">["events"][number];

/** What can be told, in the order in which it is chosen: what needs somebody first. */
export const eventWords: Record<NoticeType | "test", string> = {
  "sync.failed": "A sync failed",
  "sync.held": "A sync is held",
  "bridge.credentials_refused": "The AMS refuses the bridge's credentials",
  "mailing.on_hold": "A mailing is on hold",
  "writeback.failed": "A writeback failed",
  "webhook.switched_off": "A webhook was switched off",
  "mailing.sent": "A mailing was sent",
  "sync.succeeded": "A sync is done",
  "subscribers.unsubscribed": "People unsubscribed",
  "subscribers.bad_email": "Addresses turned out bad",
  test: "Test",
};

export const noticeTypes = (Object.keys(eventWords) as (NoticeType | "test")[]).filter((type) => type !== "test");

export const webhookTypes = noticeTypes.filter((type) => type !== "webhook.switched_off");
