import { z } from "zod";
import { listTimeline } from "../../domain/people/list-timeline.ts";
import { personEventKinds, timelineSubjects } from "../../domain/people/timeline-store.ts";
import { resubscribePerson, unsubscribePerson } from "../../domain/subscribers/change-person-wish.ts";
import { findSubscriber, searchSubscribers } from "../../domain/subscribers/find-subscribers.ts";
import { listGroupPeriods } from "../../domain/syncs/look-back.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  id,
  instant,
  limit,
  line,
  listOf,
  memberBody,
  nextCursor,
  page,
  plain,
  several,
  subscriberParams,
} from "../schemas.ts";

const subscriberBody = z
  .object({
    id: z.number(),
    remoteId: z.string().nullable(),
    email: z.string(),
    standing: memberBody.shape.standing,
    doNotEmail: z.boolean(),
    doNotEmailOrigin: z.enum(["ams", "here"]).nullable().meta({
      description: "Who set the AMS's flag: its own people, or a writeback from here; null when it isn't set",
    }),
    unsubscribedAt: instant.nullable(),
    unsubscribeOrigin: z.string().nullable(),
    unsubscribeReason: z.string().nullable(),
    badEmailAt: instant.nullable(),
    values: z.record(z.string(), z.string()),
    erasedAt: instant.nullable().meta({ description: "Since then only an empty row is left, for numbers to count by" }),
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
const person = subscriberBody.extend({ groups: z.array(period), groupsInAll: z.number().int() }).meta({
  id: "SubscriberDetails",
  description: "`groups` are the first 500: those of the present, then those of the past; the history has all",
});

/** People: found by name, address or customer key; one with all groups, past ones too. */
export async function subscriberRoutes(api: Api): Promise<void> {
  const tags = ["subscribers"];
  const query = z.object({
    search: line(320)
      .optional()
      .meta({ description: "Beginnings of words of the address and the kept values, or of the remote ID" }),
    limit,
    cursor,
  });
  api.get(
    "/subscribers",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Subscribers by address; searched by name, address or remote ID",
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
  const params = subscriberParams;
  api.get(
    "/subscribers/:id",
    {
      config: { permission: "subscribers:read" },
      schema: { summary: "One person with groups and their history", tags, params, response: { 200: person } },
    },
    async ({ account, params }) => {
      const subscriber = await findSubscriber(account, params.id);
      return plain({ ...subscriber, ...(await listGroupPeriods(account, params.id)) });
    },
  );
  const wish = { permission: "subscribers:change" } as const;
  const reason = line(200).trim();
  const found = { 200: subscriberBody };
  api.post(
    "/subscribers/:id/unsubscribe",
    {
      config: { ...wish, isRepeatable: true },
      schema: {
        summary: "Unsubscribe a person, with every entry that an address or a customer key leads to",
        tags,
        params,
        body: z.strictObject({ reason: reason.default("") }),
        response: found,
      },
    },
    async ({ account, params, body }) => plain(await unsubscribePerson(account, params.id, body.reason)),
  );
  api.post(
    "/subscribers/:id/resubscribe",
    {
      config: { ...wish, isRepeatable: true },
      schema: {
        summary: "Take back what was set here: the unsubscribe and the bad e-mail, in the AMS too; its own flag stays",
        tags,
        params,
        body: z.strictObject({ reason: reason.min(1, "is needed: who asked for it, and how") }),
        response: found,
      },
    },
    async ({ account, params, body }) => plain(await resubscribePerson(account, params.id, body.reason)),
  );
  const event = z
    .object({
      kind: z.enum(personEventKinds),
      at: instant,
      groupId: id.nullable(),
      groupName: z.string().nullable(),
      syncId: id.nullable(),
      trigger: z.string().nullable(),
      instanceId: id.nullable(),
      instanceName: z.string().nullable(),
      origin: z.string().nullable().meta({ description: "Who said no, or took it back" }),
      requestedBy: z.string().nullable(),
      reason: z.string().nullable(),
      writebackType: z.string().nullable(),
      writebackState: z.string().nullable(),
    })
    .meta({
      id: "PersonEvent",
      description:
        "Group and sync are those of `joined` and `left`; the instance is a mailing's; `reason` is a note, a server's words, why somebody was left out, or the link that was clicked",
    });
  api.get(
    "/subscribers/:id/history",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "What happened to a person, the latest first: groups, mailings, status, writebacks",
        tags,
        params,
        querystring: z.object({ about: several(z.enum(timelineSubjects)), limit, cursor }),
        response: { 200: page(event) },
      },
    },
    async ({ account, params, query }) => {
      const subjects = listOf(query.about);
      const list = `person ${params.id} ${subjects?.toSorted().join(" ") ?? ""}`;
      const form = z.object({ at: instant, key: z.string().max(200) });
      const after = decodeCursor(list, query.cursor, form);
      const found = await listTimeline(account, params.id, { subjects, limit: query.limit, after });
      const next = nextCursor(list, found, query.limit, (last) => ({ at: last.at, key: last.key }));
      return plain({ items: found, next });
    },
  );
}
