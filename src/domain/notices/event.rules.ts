import { z } from "zod";

/**
 * What is told outside: to programs by webhooks, to users by mail. The shapes are a promise (docs/user-guide/webhooks.md):
 * within version 1 fields are added, never renamed or taken away. They hold ids, names and counts, and of people their
 * ids alone.
 */
export const eventVersion = 1;

const instant = z.iso.datetime();
const id = z.uuid();

const sync = z.object({
  syncId: id,
  kind: z.enum(["list", "subscriber", "upload"]),
  trigger: z.string(),
  groupId: id.nullable().meta({ description: "The target group; null for a list sync" }),
  groupName: z.string().nullable(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable().meta({ description: "Null while it is held" }),
  added: z.number(),
  removed: z.number(),
  updated: z.number(),
  sendable: z.number().nullable(),
});
const mailing = z.object({
  instanceId: id.meta({ description: "One publishing of the mailing" }),
  mailingId: id,
  name: z.string(),
  recipients: z.number(),
});
const people = z
  .array(z.object({ id: z.number(), remoteId: z.string().nullable() }))
  .min(1)
  .max(100)
  .meta({ description: "Subscribers, at most 100; of more, each hundred is an event of its own" });

/** What happened, by the name it is told under. */
export const eventData = {
  "sync.succeeded": sync,
  "sync.held": sync.extend({ reason: z.string() }),
  "sync.failed": sync.extend({ reason: z.string(), errorKind: z.string() }),
  "bridge.credentials_refused": z.object({ bridgeId: id, reason: z.string() }),
  "mailing.sent": mailing.extend({ finishedAt: instant }),
  "mailing.on_hold": mailing.extend({ kind: z.string(), reason: z.string() }),
  "subscribers.unsubscribed": z.object({
    subscribers: people,
    origin: z.enum(["person", "administrator", "complaint"]),
  }),
  "subscribers.resubscribed": z.object({ subscribers: people, origin: z.enum(["person", "administrator"]) }),
  "subscribers.bad_email": z.object({ subscribers: people }),
  "subscribers.bad_email_lifted": z.object({ subscribers: people }),
  "writeback.failed": z.object({
    writebackId: z.number(),
    type: z.enum(["unsubscribe", "resubscribe", "bad_email"]),
    remoteId: z.string(),
    reason: z.string(),
  }),
  "webhook.switched_off": z.object({ webhookId: id, url: z.string(), reason: z.string() }),
  test: z.object({ message: z.string() }),
} as const;

export type EventType = keyof typeof eventData;
export type EventData = { readonly [Type in EventType]: z.infer<(typeof eventData)[Type]> };

/** What users may be told of. */
export const noticeTypes = [
  "sync.failed",
  "sync.held",
  "sync.succeeded",
  "bridge.credentials_refused",
  "mailing.sent",
  "mailing.on_hold",
  "subscribers.unsubscribed",
  "subscribers.bad_email",
  "writeback.failed",
  "webhook.switched_off",
] as const satisfies readonly EventType[];
export type NoticeType = (typeof noticeTypes)[number];

/** What webhooks may choose: all of it but that one was switched off, which it could hardly hear. */
export const webhookTypes = [
  "sync.succeeded",
  "sync.held",
  "sync.failed",
  "bridge.credentials_refused",
  "mailing.sent",
  "mailing.on_hold",
  "subscribers.unsubscribed",
  "subscribers.resubscribed",
  "subscribers.bad_email",
  "subscribers.bad_email_lifted",
  "writeback.failed",
] as const satisfies readonly EventType[];
export type WebhookType = (typeof webhookTypes)[number];
