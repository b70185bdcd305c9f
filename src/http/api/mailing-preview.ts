import { z } from "zod";
import { findChecks } from "../../domain/mailings/content/check-mailing.ts";
import { compileSource } from "../../domain/mailings/content/compile-source.ts";
import { listMailingFields } from "../../domain/mailings/content/known-fields.ts";
import { previewMailing } from "../../domain/mailings/content/preview-mailing.ts";
import { sendTest } from "../../domain/mailings/content/send-test.ts";
import { bodyKinds, type MailingId } from "../../domain/mailings/mailing.ts";
import { sendFramed } from "../framed-mail.ts";
import type { Api } from "../route.ts";
import { idParams, line, plain } from "../schemas.ts";
import { contentFields, versionNumber } from "./mailings.ts";

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
const keptVersion = versionNumber
  .optional()
  .meta({ description: "A version that stood in it earlier, by its number, in place of what is saved now" });

/** What is looked at before a mailing is published: checks, previews, test sends, and the fields it may ask for. (product 4.1) */
export async function mailingPreviewRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  const read = { permission: "mailings:read" } as const;
  const write = { permission: "mailings:write" } as const;
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
