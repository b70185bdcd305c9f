import { z } from "zod";
import { type EventType, eventData, eventVersion } from "../../domain/notices/event.rules.ts";

const summaries: { readonly [Type in EventType]: string | null } = {
  "sync.succeeded": "A sync has ended well",
  "sync.held": "A sync is held: an administrator applies or discards it",
  "sync.failed": "A sync has failed: the group keeps its last good members",
  "bridge.credentials_refused": "The AMS refuses the bridge's credentials: nothing is synced until they are mended",
  "mailing.sent": "A mailing has gone to everybody",
  "mailing.on_hold": "A mailing is on hold: somebody decides",
  "subscribers.unsubscribed": "People unsubscribed here, or were unsubscribed",
  "subscribers.resubscribed": "People took their no back here, or an administrator lifted it",
  "subscribers.bad_email": "Addresses turned out bad: mail to them came back for good",
  "subscribers.bad_email_lifted":
    "Addresses are no longer taken for bad: their bounces came in a flood, or were a mistake",
  "writeback.failed": "A writeback was refused for good",
  test: "Somebody pressed “Send a test”",
  // Of users alone.
  "webhook.switched_off": null,
};

/** The document's `webhooks`: every event in the form that it is sent in. */
export function describeWebhooks() {
  return Object.fromEntries(
    (Object.keys(eventData) as EventType[]).flatMap((type) => {
      const summary = summaries[type];
      return summary === null ? [] : [[type, { post: operation(type, summary) }]];
    }),
  );
}

function operation(type: EventType, summary: string) {
  const payload = z.object({
    id: z.uuid().meta({ description: "The message's webhook-id: the same at every try" }),
    type: z.literal(type),
    version: z.literal(eventVersion),
    timestamp: z.iso.datetime().meta({ description: "When it happened, in UTC" }),
    accountId: z.uuid(),
    data: eventData[type],
  });
  const header = (name: string, description: string) => ({
    name,
    in: "header",
    required: true,
    description,
    schema: { type: "string" },
  });
  const { $schema: _, ...schema } = z.toJSONSchema(payload);
  return {
    summary,
    operationId: `webhook ${type}`,
    tags: ["webhooks"],
    security: [],
    parameters: [
      header("webhook-id", "The message: come before, it is known by this"),
      header("webhook-timestamp", "When this try left, in seconds since 1970"),
      header("webhook-signature", "`v1,` and the base64 of HMAC-SHA256 over id.timestamp.body; one or more, by spaces"),
    ],
    requestBody: { required: true, content: { "application/json": { schema } } },
    responses: { "2XX": { description: "Taken. 410 switches the webhook off; anything else is tried again." } },
  };
}
