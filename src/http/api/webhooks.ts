import { z } from "zod";
import { eventData, webhookTypes } from "../../domain/notices/event.rules.ts";
import {
  addWebhook,
  changeWebhook,
  getWebhook,
  listWebhooks,
  removeWebhook,
  replaceSecret,
} from "../../domain/webhooks/change-webhooks.ts";
import { getDelivery, listDeliveries, sendAgain, sendTest } from "../../domain/webhooks/look-at-deliveries.ts";
import { type DeliveryId, deliveryStates, type WebhookId } from "../../domain/webhooks/webhook.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  id,
  idParams,
  instant,
  limit,
  line,
  nextCursor,
  page,
  plain,
  version,
} from "../schemas.ts";

const url = line(2048)
  .min(1)
  .meta({ description: "https://…; private addresses and http only where an operator allows" });
const events = z
  .array(z.enum(webhookTypes))
  .min(1, "choose one event or more")
  .max(webhookTypes.length)
  .meta({ description: "What it is told of; see the document's webhooks" });
const fields = {
  id,
  url: z.string(),
  events: z.array(z.enum(webhookTypes)),
  isActive: z.boolean(),
  oldSecretUntil: instant.nullable().meta({ description: "Until then the replaced secret signs beside the new one" }),
  createdAt: instant,
  createdBy: z.string(),
  succeededAt: instant.nullable(),
  failingSince: instant.nullable().meta({ description: "Since when nothing but failures came back" }),
  failuresInARow: z.number(),
  pausedUntil: instant.nullable().meta({ description: "Until then it is left alone, since it failed" }),
  switchedOffReason: z.string().nullable().meta({ description: "Why the program switched it off" }),
  waiting: z.number().meta({ description: "Events that wait to be sent" }),
  version: z.number(),
};
const body = z.object(fields).meta({ id: "Webhook" });
const secretBody = z
  .object({ ...fields, secret: z.string().meta({ description: "Shown this once: whsec_…" }) })
  .meta({ id: "WebhookWithSecret" });
const deliveryFields = {
  id,
  eventId: id.meta({ description: "The message's webhook-id, at every try" }),
  type: z.enum(Object.keys(eventData) as [keyof typeof eventData]),
  at: instant,
  state: z.enum(deliveryStates),
  dueAt: instant.meta({ description: "When it is tried next, while it waits" }),
  tries: z.number(),
  endedAt: instant.nullable(),
  status: z.number().nullable().meta({ description: "HTTP status of the latest attempt" }),
  error: z.string().nullable(),
  durationMs: z.number().nullable(),
};
const delivery = z.object(deliveryFields).meta({ id: "WebhookDelivery" });
const attempt = z.object({
  at: instant,
  durationMs: z.number().nullable().meta({ description: "Null while it is under way, or when it was cut off" }),
  status: z.number().nullable(),
  error: z.string().nullable(),
  answer: z.string().nullable().meta({ description: "The answer's first kilobyte" }),
});
const deliveryDetail = z
  .object({ ...deliveryFields, payload: z.string(), attempts: z.array(attempt) })
  .meta({ id: "WebhookDeliveryDetail" });

/** The account's own addresses that are told what happens, and what became of each event. */
export async function webhookRoutes(api: Api): Promise<void> {
  const tags = ["webhooks"];
  const config = { permission: "webhooks:manage" } as const;
  const idOf = (params: { id: string }) => params.id as WebhookId;
  api.get(
    "/webhooks",
    { config, schema: { summary: "Webhooks, without what is secret", tags, response: { 200: z.array(body) } } },
    async ({ account }) => plain(await listWebhooks(account)),
  );
  api.post(
    "/webhooks",
    {
      config,
      schema: {
        summary: "Add a webhook, active at once; its secret is shown in this answer alone",
        tags,
        body: z.strictObject({ url, events }),
        response: { 201: secretBody },
      },
    },
    async ({ account, body }, reply) => reply.code(201).send(plain(await addWebhook(account, body))),
  );
  api.get(
    "/webhooks/:id",
    { config, schema: { summary: "One webhook", tags, params: idParams, response: { 200: body } } },
    async ({ account, params }) => plain(await getWebhook(account, idOf(params))),
  );
  api.patch(
    "/webhooks/:id",
    {
      config,
      schema: {
        summary: "Change a webhook; what is left out stays. Switched off, what waits for it is given up",
        tags,
        params: idParams,
        body: z.strictObject({ url, events, isActive: z.boolean() }).partial().extend({ version }),
        response: { 200: body },
      },
    },
    async ({ account, params, body }) => plain(await changeWebhook(account, idOf(params), body)),
  );
  api.delete(
    "/webhooks/:id",
    {
      config,
      schema: { summary: "Delete a webhook with its log", tags, params: idParams, response: { 204: z.null() } },
    },
    async ({ account, params }, reply) => {
      await removeWebhook(account, idOf(params));
      return reply.code(204).send(null);
    },
  );
  api.post(
    "/webhooks/:id/secret",
    {
      config,
      schema: {
        summary: "Make a new secret; the old one signs beside it for 24 hours",
        tags,
        params: idParams,
        response: { 200: secretBody },
      },
    },
    async ({ account, params }) => plain(await replaceSecret(account, idOf(params))),
  );
  api.post(
    "/webhooks/:id/test",
    {
      config: { ...config, isRepeatable: true },
      schema: { summary: "Send a test event", tags, params: idParams, response: { 202: deliveryDetail } },
    },
    async ({ account, params }, reply) => reply.code(202).send(plain(await sendTest(account, idOf(params)))),
  );
  addLog(api);
}

/** What became of each event, for 30 days. */
function addLog(api: Api): void {
  const tags = ["webhooks"];
  const config = { permission: "webhooks:manage" } as const;
  const deliveryParams = z.object({ id, deliveryId: id });
  const filter = z.object({ state: z.enum(deliveryStates).optional(), limit, cursor });
  api.get(
    "/webhooks/:id/deliveries",
    {
      config,
      schema: {
        summary: "What was sent to a webhook in the last 30 days, the latest first",
        tags,
        params: idParams,
        querystring: filter,
        response: { 200: page(delivery) },
      },
    },
    async ({ account, params, query }) => {
      const after = decodeCursor("deliveries", query.cursor, z.uuid()) as DeliveryId | undefined;
      const found = await listDeliveries(account, params.id as WebhookId, { ...query, after });
      return plain({ items: found, next: nextCursor("deliveries", found, query.limit, (last) => last.id) });
    },
  );
  api.get(
    "/webhooks/:id/deliveries/:deliveryId",
    {
      config,
      schema: {
        summary: "One event: what was sent, each attempt and its answer",
        tags,
        params: deliveryParams,
        response: { 200: deliveryDetail },
      },
    },
    async ({ account, params }) =>
      plain(await getDelivery(account, params.id as WebhookId, params.deliveryId as DeliveryId)),
  );
  api.post(
    "/webhooks/:id/deliveries/:deliveryId/send-again",
    {
      config: { ...config, isRepeatable: true },
      schema: {
        summary: "Send an event again, under the same id",
        tags,
        params: deliveryParams,
        response: { 202: deliveryDetail },
      },
    },
    async ({ account, params }, reply) =>
      reply.code(202).send(plain(await sendAgain(account, params.id as WebhookId, params.deliveryId as DeliveryId))),
  );
}
