import { z } from "zod";
import type { CategoryId } from "../../domain/bridges/opt-out-category.ts";
import { archiveMailing, changeMailing, deleteMailing } from "../../domain/mailings/content/change-mailing.ts";
import { findChecks } from "../../domain/mailings/content/check-mailing.ts";
import { compileSource } from "../../domain/mailings/content/compile-source.ts";
import { createMailing } from "../../domain/mailings/content/create-mailing.ts";
import { findMailing, listMailings } from "../../domain/mailings/content/get-mailing.ts";
import { listMailingFields } from "../../domain/mailings/content/known-fields.ts";
import { previewMailing } from "../../domain/mailings/content/preview-mailing.ts";
import { sendTest } from "../../domain/mailings/content/send-test.ts";
import { instanceStates } from "../../domain/mailings/instance.ts";
import { bodyKinds, type MailingId, mailingStates } from "../../domain/mailings/mailing.ts";
import type { GroupId } from "../../domain/target-groups/target-group.ts";
import { sendFramed } from "../framed-mail.ts";
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
const checkBody = z
  .object({
    code: z.string(),
    severity: z.enum(["ok", "warning", "blocks"]),
    message: z.string(),
    wayOut: z.string(),
  })
  .meta({ id: "Check" });
const fieldBody = z
  .object({
    name: z.string(),
    displayName: z.string(),
    defaultValue: z.string(),
    comment: z.string(),
    isKept: z.boolean(),
    isReserved: z.boolean().meta({ description: "Every mail's own, such as the unsubscribe link" }),
  })
  .meta({ id: "MailingField" });

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
const samples = ["no_values", "longest_values"] as const;
const viewAs = z.union([
  z.strictObject({ subscriberId: z.number().int() }),
  z.strictObject({ sample: z.enum(samples) }),
]);
const markedText = z
  .array(z.object({ text: z.string(), standsFor: z.string().nullable() }))
  .meta({ description: "The same in parts; those that stand for a value that there isn't name the field" });
const standIn = z
  .object({
    field: z.string(),
    displayName: z.string(),
    text: z.string().meta({ description: "What took the value's place; empty where nothing did" }),
    from: z.enum(["mailing", "field"]).nullable().meta({ description: "Who said so; null where nothing stands" }),
    places: z
      .array(z.enum(["subject", "body", "attribute", "text_part"]))
      .meta({ description: "`attribute`: in a link's address or a picture's description" }),
  })
  .meta({ id: "StandIn" });
const previewBody = z
  .object({
    subject: z.string(),
    html: z.string(),
    text: z.string(),
    missing: z.array(z.string()).meta({ description: "Fields without a value that have no default" }),
    standIns: z
      .array(standIn)
      .meta({ description: "Every field that the person has no value of, with what stands in its place" }),
    marked: z.object({ subject: markedText, text: markedText }),
    bytes: z.number().meta({ description: "Of the HTML as it is encoded in a mail; Gmail cuts behind 102 KB" }),
    person: z.object({ id: z.number(), email: z.string() }).nullable(),
  })
  .meta({ id: "MailingPreview" });
/** About what mail programs do to a mail in the dark. */
const darkened = "html{background:#fff;filter:invert(1) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}";
/** A version's place among those of its mailing. */
export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);
const keptVersion = versionNumber
  .optional()
  .meta({ description: "A version that stood in it earlier, by its number, in place of what is saved now" });
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
  api.get(
    "/mailings/:id/checks",
    {
      config: read,
      schema: {
        summary: "The checklist before publishing: what is well, what should be looked at, what blocks",
        tags,
        params: idParams,
        response: { 200: z.object({ items: z.array(checkBody) }) },
      },
    },
    async ({ account, params }) => plain({ items: await findChecks(account, params.id as MailingId) }),
  );
  api.post(
    "/mailings/:id/preview",
    {
      config: read,
      schema: {
        summary: "A mailing as one person gets it, with what isn't saved yet if that is given; nothing is sent",
        tags,
        params: idParams,
        body: z.strictObject({ ...contentFields, keptVersion, person: viewAs.default({ sample: "no_values" }) }),
        response: { 200: previewBody },
      },
    },
    async ({ account, params, body: { person, keptVersion, ...unsaved } }) =>
      plain(await previewMailing(account, params.id as MailingId, person, unsaved, keptVersion)),
  );
  api.get(
    "/mailings/:id/preview.html",
    {
      config: read,
      schema: {
        summary: "The same as a page of its own, for a frame: nothing in it runs, links lead nowhere",
        tags,
        params: idParams,
        querystring: z.object({
          subscriberId: z.coerce.number().int().optional(),
          sample: z.enum(samples).optional(),
          look: z.enum(["light", "dark"]).default("light"),
          marks: z.enum(["none", "stand_ins"]).default("none").meta({
            description: "Whether what stands for a value that there isn't is marked where it stands",
          }),
          keptVersion,
          version: z.string().max(20).optional().meta({ description: "Of what is shown: another one, another page" }),
        }),
        response: { 200: z.string() },
      },
    },
    async ({ account, params, query: { subscriberId, sample = "no_values", look, marks, keptVersion } }, reply) => {
      const person = subscriberId === undefined ? { sample } : { subscriberId };
      const { html, marked } = await previewMailing(account, params.id as MailingId, person, {}, keptVersion);
      return sendFramed(reply, marks === "none" ? html : marked.html, look === "dark" ? darkened : "");
    },
  );
  api.post(
    "/mailings/:id/compile",
    {
      config: read,
      schema: {
        summary: "A body as code, to go on with by hand: MJML, HTML, text; nothing is kept",
        tags,
        params: idParams,
        body: z.strictObject({ bodyKind: z.enum(bodyKinds), body: z.string().max(1_048_576) }),
        response: { 200: z.object({ mjml: z.string().nullable(), html: z.string(), text: z.string() }) },
      },
    },
    async ({ account, params, body }) => compileSource(account, params.id as MailingId, body),
  );
  api.post(
    "/mailings/:id/test-sends",
    {
      config: { ...write, isRepeatable: true },
      schema: {
        summary: "Send a mailing, as it is saved, to a few addresses as a test",
        tags,
        params: idParams,
        body: z.strictObject({
          to: z.array(line(254).trim()).min(1).max(10),
          subscriberId: z.number().int().optional().meta({ description: "Filled as for this person" }),
        }),
        response: { 204: z.null() },
      },
    },
    async ({ account, params, body: { to, subscriberId } }, reply) => {
      const as = subscriberId === undefined ? ({ sample: "no_values" } as const) : { subscriberId };
      await sendTest(account, params.id as MailingId, [...new Set(to)], as);
      return reply.code(204).send(null);
    },
  );
  api.get(
    "/mailing-fields",
    {
      config: read,
      schema: {
        summary: "What {{ … }} may ask for, with the defaults",
        tags,
        response: { 200: z.object({ items: z.array(fieldBody) }) },
      },
    },
    async ({ account }) => plain({ items: await listMailingFields(account) }),
  );
}
