import { z } from "zod";
import { findSubscriber, searchSubscribers } from "../../domain/subscribers/find-subscribers.ts";
import { listGroupPeriods } from "../../domain/syncs/look-back.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, instant, limit, memberBody, nextCursor, page, plain } from "../schemas.ts";

const subscriberBody = z
  .object({
    id: z.number(),
    remoteId: z.string().nullable(),
    email: z.string(),
    standing: memberBody.shape.standing,
    doNotEmail: z.boolean(),
    unsubscribedAt: instant.nullable(),
    unsubscribeOrigin: z.string().nullable(),
    unsubscribeReason: z.string().nullable(),
    badEmailAt: instant.nullable(),
    values: z.record(z.string(), z.string()),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: "Subscriber" });
const period = z.object({
  groupId: id,
  groupName: z.string(),
  addedBy: id,
  addedAt: instant.nullable(),
  removedBy: id.nullable(),
  removedAt: instant.nullable(),
});
const person = subscriberBody.extend({ groups: z.array(period) }).meta({ id: "SubscriberDetails" });

/** People: found by the beginning of their address or by their customer key; one with all groups, past ones too. */
export async function subscriberRoutes(api: Api): Promise<void> {
  const tags = ["subscribers"];
  const query = z.object({ search: z.string().min(1).max(320), limit, cursor });
  api.get(
    "/subscribers",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Search by address or remote ID",
        tags,
        querystring: query,
        response: { 200: page(subscriberBody) },
      },
    },
    async ({ account, query }) => {
      const after = decodeCursor("subscribers", query.cursor, z.object({ key: z.string(), id: z.int() }));
      const found = await searchSubscribers(account, query.search, query.limit, after);
      const next = nextCursor("subscribers", found, query.limit, (last) => ({ key: last.key, id: last.id }));
      return plain({ items: found, next });
    },
  );
  const params = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
  api.get(
    "/subscribers/:id",
    {
      config: { permission: "subscribers:read" },
      schema: { summary: "One person with groups and their history", tags, params, response: { 200: person } },
    },
    async ({ account, params }) => {
      const subscriber = await findSubscriber(account, params.id);
      return plain({ ...subscriber, groups: await listGroupPeriods(account, params.id) });
    },
  );
}
