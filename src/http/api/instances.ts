import { z } from "zod";
import { holdKinds, instanceStates, openTrackings } from "../../domain/mailings/instance.ts";
import type { InstanceId, MailingId } from "../../domain/mailings/mailing.ts";
import {
  cancelInstance,
  confirmGrowth,
  pauseInstance,
  resumeInstance,
  retryInstance,
  useLastGood,
} from "../../domain/mailings/publish/decide.ts";
import {
  findInstance,
  type InstanceStory,
  listInstances,
  listLeftOut,
  listRecipients,
} from "../../domain/mailings/publish/find-instances.ts";
import { exclusionReasons, recipientStates } from "../../domain/mailings/recipient.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  id,
  idParams,
  instant,
  limit,
  line,
  listOf,
  nextCursor,
  page,
  plain,
  several,
  syncBody,
  toInstant,
  version,
} from "../schemas.ts";
import { groupBody, presentGroup } from "./target-groups.ts";

export const instanceBody = z
  .object({
    id,
    mailingId: id,
    name: z.string(),
    state: z.enum(instanceStates),
    resumesIn: z.enum(instanceStates).nullable().meta({ description: "Where a paused or held one goes on" }),
    openTracking: z.enum(openTrackings),
    optOutCategory: z.string().nullable().meta({ description: "Its name when it was published" }),
    publishedAt: instant,
    publishedBy: z.string(),
    dueAt: instant,
    syncingAt: instant.nullable(),
    buildingAt: instant.nullable(),
    builtAt: instant.nullable().meta({ description: "Since then the audience stands" }),
    sendFrom: instant.nullable().meta({ description: "Until then the start of sending can be undone" }),
    sendingAt: instant.nullable(),
    finishedAt: instant.nullable(),
    syncRound: z.number(),
    retryAt: instant.nullable().meta({ description: "When failed syncs are tried again" }),
    mayUseLastGood: z.boolean(),
    isGrowthConfirmed: z.boolean(),
    holdKind: z.enum(holdKinds).nullable(),
    holdMessage: z.string().nullable(),
    heldAt: instant.nullable(),
    cancelledBy: z.string().nullable(),
    audience: z.number(),
    recipients: z.number(),
    excluded: z.number(),
    version: z.number(),
  })
  .meta({ id: "Instance" });
export const exclusionCounts = z
  .object(
    Object.fromEntries(exclusionReasons.map((reason) => [reason, z.number()])) as Record<
      (typeof exclusionReasons)[number],
      z.ZodNumber
    >,
  )
  .meta({ id: "ExclusionCounts" });
const recipientCounts = z
  .object(
    Object.fromEntries(recipientStates.map((state) => [state, z.number()])) as Record<
      (typeof recipientStates)[number],
      z.ZodNumber
    >,
  )
  .meta({ id: "RecipientCounts" });
const story = z
  .object({
    instance: instanceBody.extend({ subject: z.string(), fromName: z.string(), fromAddress: z.string() }),
    to: z.array(groupBody),
    notTo: z.array(groupBody),
    groups: z
      .array(
        z.object({
          group: groupBody,
          round: z.number().nullable(),
          sync: syncBody.nullable(),
          reason: z.string().nullable().meta({ description: "Why no sync could be asked for" }),
        }),
      )
      .meta({ description: "Each group that is brought in step, with its latest sync for this publishing" }),
    recipients: recipientCounts,
    exclusions: exclusionCounts,
    events: z
      .array(z.object({ at: instant, state: z.enum(instanceStates), message: z.string(), by: z.string().nullable() }))
      .meta({ description: "The last 200 lines" }),
  })
  .meta({ id: "InstanceStory" });
const recipientBody = z
  .object({
    place: z.number(),
    subscriberId: z.number(),
    email: z.string(),
    state: z.enum(recipientStates),
    tries: z.number(),
    dueAt: instant.nullable(),
    sentAt: instant.nullable(),
    reply: z.string().nullable(),
  })
  .meta({ id: "Recipient" });
const leftOutBody = z
  .object({
    subscriberId: z.number(),
    email: z.string(),
    remoteId: z.string().nullable(),
    reason: z.enum(exclusionReasons),
  })
  .meta({ id: "LeftOut" });

/** The subject as it is frozen, its fields by their names. */
function subjectOf({ subject }: InstanceStory["instance"]["content"]): string {
  return subject
    .map((piece) => (typeof piece === "string" ? piece : piece.kind === "field" ? `{{ ${piece.field} }}` : ""))
    .join("");
}

function present({ instance, to, notTo, groups, ...rest }: InstanceStory) {
  const { content, ...shown } = instance;
  return {
    instance: {
      ...shown,
      subject: subjectOf(content),
      fromName: content.fromName,
      fromAddress: content.fromAddress,
    },
    to: to.map(presentGroup),
    notTo: notTo.map(presentGroup),
    groups: groups.map(({ group, ...sync }) => ({ group: presentGroup(group), ...sync })),
    ...rest,
  };
}

/** Publishings: watching one step by step, deciding about it, and who gets it or doesn't. (product 4.2, 4.3) */
export async function instanceRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  const read = { permission: "mailings:read" } as const;
  const filter = z.object({
    mailingId: id.optional(),
    state: several(z.enum(instanceStates)),
    from: instant.optional().meta({ description: "Due at or after it" }),
    to: instant.optional().meta({ description: "Due before it" }),
    limit,
    cursor,
  });
  api.get(
    "/instances",
    {
      config: read,
      schema: {
        summary: "Publishings, those due last first",
        tags,
        querystring: filter,
        response: { 200: page(instanceBody) },
      },
    },
    async ({ account, query }) => {
      const found = await listInstances(account, {
        mailingId: query.mailingId as MailingId | undefined,
        states: listOf(query.state),
        from: toInstant(query.from),
        to: toInstant(query.to),
        limit: query.limit,
        after: decodeCursor("instances", query.cursor, z.object({ dueAt: instant, id: z.uuid() })),
      });
      const next = nextCursor("instances", found, query.limit, (last) => ({ dueAt: last.dueAt, id: last.id }));
      return plain({ items: found, next });
    },
  );
  api.get(
    "/instances/:id",
    {
      config: read,
      schema: { summary: "One publishing, step by step", tags, params: idParams, response: { 200: story } },
    },
    async ({ account, params }) => plain(present(await findInstance(account, params.id as InstanceId))),
  );
  const decisions = {
    pause: [pauseInstance, "Pause a publishing: nobody more is sent to until it is resumed"],
    resume: [resumeInstance, "Go on where it was paused"],
    cancel: [cancelInstance, "Stop a publishing for good; in the countdown, before any mail leaves"],
    retry: [retryInstance, "Try again what put it on hold"],
    "use-last-good": [useLastGood, "Send to the last good audience though a sync failed or is held"],
    "confirm-growth": [confirmGrowth, "Say yes to an audience that has grown"],
  } as const;
  for (const [name, [decide, summary]] of Object.entries(decisions)) {
    api.post(
      `/instances/:id/${name}`,
      {
        config: { permission: "mailings:publish", isRepeatable: true },
        schema: {
          summary,
          tags,
          params: idParams,
          body: z.strictObject({ version }).nullish(),
          response: { 200: instanceBody },
        },
      },
      async ({ account, params, body }) => plain(await decide(account, params.id as InstanceId, body ?? {})),
    );
  }
  api.get(
    "/instances/:id/recipients",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Who a publishing goes to",
        tags,
        params: idParams,
        querystring: z.object({
          state: several(z.enum(recipientStates)),
          search: line(320).optional().meta({ description: "The beginning of an address" }),
          limit,
          cursor,
        }),
        response: { 200: page(recipientBody) },
      },
    },
    async ({ account, params, query }) => {
      const list = `recipients ${params.id}`;
      const found = await listRecipients(account, {
        id: params.id as InstanceId,
        states: listOf(query.state),
        search: query.search?.trim().toLowerCase() || undefined,
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      return plain({ items: found, next: nextCursor(list, found, query.limit, (last) => last.place) });
    },
  );
  api.get(
    "/instances/:id/exclusions",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Who is left out for a reason",
        tags,
        params: idParams,
        querystring: z.object({ reason: z.enum(exclusionReasons), limit, cursor }),
        response: { 200: page(leftOutBody) },
      },
    },
    async ({ account, params, query }) => {
      const list = `exclusions ${params.id} ${query.reason}`;
      const found = await listLeftOut(account, {
        id: params.id as InstanceId,
        reason: query.reason,
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      return plain({ items: found, next: nextCursor(list, found, query.limit, (last) => last.subscriberId) });
    },
  );
}
