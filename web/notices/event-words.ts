import type { Schema } from "../api/client.ts";

export type NoticeType = keyof Schema<"NoticeSettings">["choices"];
export type WebhookType = Schema<"Webhook">["events"][number];

/** What can be told, in the order in which it is chosen: what needs somebody first. */
export const eventWords: Record<NoticeType | WebhookType | "test", string> = {
  "sync.failed": "A sync failed",
  "sync.held": "A sync is held",
  "bridge.credentials_refused": "The AMS refuses the bridge's credentials",
  "mailing.on_hold": "A mailing is on hold",
  "writeback.failed": "A writeback failed",
  "webhook.switched_off": "A webhook was switched off",
  "mailing.sent": "A mailing was sent",
  "sync.succeeded": "A sync is done",
  "subscribers.unsubscribed": "People unsubscribed",
  "subscribers.resubscribed": "People are written to again",
  "subscribers.bad_email": "Addresses turned out bad",
  "subscribers.bad_email_lifted": "Addresses are no longer taken for bad",
  test: "Test",
};

type Chosen = Exclude<keyof typeof eventWords, "test">;
const all = (Object.keys(eventWords) as (keyof typeof eventWords)[]).filter((type): type is Chosen => type !== "test");

export const noticeTypes = all.filter(
  (type): type is NoticeType => type !== "subscribers.resubscribed" && type !== "subscribers.bad_email_lifted",
);

export const webhookTypes = all.filter((type): type is WebhookType => type !== "webhook.switched_off");
