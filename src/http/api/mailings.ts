import { z } from "zod";
import type { CategoryId } from "../../domain/bridges/opt-out-category.ts";
import { archiveMailing, changeMailing, deleteMailing } from "../../domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../domain/mailings/content/create-mailing.ts";
import { findMailing, listMailings } from "../../domain/mailings/content/get-mailing.ts";
import { instanceStates } from "../../domain/mailings/instance.ts";
import { bodyKinds, type MailingId, mailingStates } from "../../domain/mailings/mailing.ts";
import type { GroupId } from "../../domain/target-groups/target-group.ts";
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

const groupIds = z
  .array(id)
  .max(100)
  .transform((list) => [...new Set(list)] as GroupId[]);
const audience = z.object({ to: z.array(id), notTo: z.array(id) });
const lineBody = z
  .object({
    id,
    isTemplate: z.boolean(),
    name: z.string(),
    state: z.enum(mailingStates),
    subject: z.string(),
    bodyKind: z.enum(bodyKinds),
    audience,
    ownerId: id.nullable(),
    createdAt: instant,
    updatedAt: instant,
    updatedBy: z.string(),
    archivedAt: instant.nullable(),
    version: z.number(),
  })
  .meta({ id: "MailingLine" });
const latestInstance = z.object({
  id,
  state: z.enum(instanceStates),
  publishedAt: instant,
  dueAt: instant,
  finishedAt: instant.nullable(),
  recipients: z.number(),
  holdMessage: z.string().nullable(),
});
const listedBody = lineBody.extend({ latest: latestInstance.nullable() }).meta({ id: "ListedMailing" });
export const mailingBody = lineBody
  .extend({
    fromName: z.string(),
    fromAddress: z.string(),
    replyTo: z.string(),
    preheader: z.string(),
    body: z.string().meta({ description: "A document of blocks as JSON, MJML, or HTML: see `bodyKind`" }),
    textPart: z.string().nullable().meta({ description: "Null while it is made from the body" }),
    optOutCategoryId: id.nullable().meta({ description: "A note on the mailing: it leaves nobody out" }),
    createdBy: z.string(),
  })
  .meta({ id: "Mailing" });
const name = line(200).trim().min(1);
/** What can be written, for changes and for previews of what isn't saved yet. */
export const contentFields = {
  fromName: line(200).optional(),
  fromAddress: line(254).trim().optional(),
  replyTo: line(254).trim().optional(),
  subject: line(2000).optional(),
  preheader: line(2000).optional(),
  bodyKind: z.enum(bodyKinds).optional(),
  body: z.string().max(1_048_576).optional(),
  textPart: z.string().max(1_048_576).nullable().optional(),
};
/** A version's place among those of its mailing. */
export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const position = z.tuple([z.string(), z.uuid()]);

/** Mailings and templates: what is written, and whom it goes to. (product 4.1) */
export async function mailingRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  const read = { permission: "mailings:read" } as const;
  const write = { permission: "mailings:write" } as const;
  api.get(
    "/mailings",
    {
      config: read,
      schema: {
        summary: "Mailings, or templates, the last changed first",
        tags,
        querystring: z.object({
          state: z.enum(mailingStates).optional(),
          template: flag.default(false),
          archived: flag.default(false),
          search: z.string().max(200).optional(),
          cursor,
          limit,
        }),
        response: {
          200: page(listedBody).extend({
            counts: z
              .record(z.string(), z.number())
              .meta({ description: "How many mailings each state has, archived ones and templates left out" }),
          }),
        },
      },
    },
    async ({ account, query: { template, archived, cursor, ...filter } }) => {
      const after = decodeCursor("mailings", cursor, position);
      const { items, counts } = await listMailings(account, {
        ...filter,
        isTemplate: template,
        isArchived: archived,
        after: after && { at: after[0], id: after[1] },
      });
      return plain({
        items,
        counts,
        next: nextCursor("mailings", items, filter.limit, (last) => [last.updatedAt.toString(), last.id]),
      });
    },
  );
  api.post(
    "/mailings",
    {
      config: { ...write, isRepeatable: true },
      schema: {
        summary: "Make a mailing or a template, empty or from another one",
        tags,
        body: z.strictObject({ name, isTemplate: z.boolean().default(false), copyOf: id.optional() }),
        response: { 201: mailingBody },
      },
    },
    async ({ account, body }, reply) =>
      reply
        .code(201)
        .send(plain(await createMailing(account, { ...body, copyOf: body.copyOf as MailingId | undefined }))),
  );
  api.get(
    "/mailings/:id",
    {
      config: read,
      schema: {
        summary: "A mailing with what is written in it",
        tags,
        params: idParams,
        response: { 200: mailingBody },
      },
    },
    async ({ account, params }) => plain(await findMailing(account, params.id as MailingId)),
  );
  api.patch(
    "/mailings/:id",
    {
      config: write,
      schema: {
        summary: "Change what is written in a mailing, and whom it goes to; what is left out stays",
        tags,
        params: idParams,
        body: z.strictObject({
          ...contentFields,
          name: name.optional(),
          audience: z.strictObject({ to: groupIds, notTo: groupIds }).optional(),
          optOutCategoryId: id
            .transform((text) => text as CategoryId)
            .nullable()
            .optional(),
          version,
        }),
        response: { 200: mailingBody },
      },
    },
    async ({ account, params, body }) => plain(await changeMailing(account, params.id as MailingId, body)),
  );
  api.delete(
    "/mailings/:id",
    {
      config: write,
      schema: {
        summary: "Delete a mailing that was never published, or a template",
        tags,
        params: idParams,
        response: { 204: z.null() },
      },
    },
    async ({ account, params }, reply) => {
      await deleteMailing(account, params.id as MailingId);
      return reply.code(204).send(null);
    },
  );
  api.post(
    "/mailings/:id/copy",
    {
      config: { ...write, isRepeatable: true },
      schema: {
        summary: "Copy a mailing or a template; a mailing may become a template and the other way round",
        tags,
        params: idParams,
        body: z.strictObject({ name: name.optional(), isTemplate: z.boolean().optional() }),
        response: { 201: mailingBody },
      },
    },
    async ({ account, params, body }, reply) => {
      const original = await findMailing(account, params.id as MailingId);
      const { name = `Copy of ${original.name}`.slice(0, 200), isTemplate = original.isTemplate } = body;
      return reply.code(201).send(plain(await createMailing(account, { name, isTemplate, copyOf: original.id })));
    },
  );
  for (const [verb, isArchived] of [
    ["archive", true],
    ["unarchive", false],
  ] as const) {
    api.post(
      `/mailings/:id/${verb}`,
      {
        config: write,
        schema: {
          summary: isArchived ? "Put a mailing out of sight" : "Bring an archived mailing back",
          tags,
          params: idParams,
          response: { 200: mailingBody },
        },
      },
      async ({ account, params }) => plain(await archiveMailing(account, params.id as MailingId, isArchived)),
    );
  }
}
