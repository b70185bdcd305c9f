import { Readable } from "node:stream";
import { z } from "zod";
import { erasePerson, previewErasure } from "../../domain/people/erase-person.ts";
import { exportPerson } from "../../domain/people/export-person.ts";
import { exportFormats, writeExport } from "../../domain/people/write-export.ts";
import { liftErasure } from "../../domain/subscribers/lift-erasure.ts";
import { attachment } from "../csv.ts";
import type { Api } from "../route.ts";
import { line, plain, subscriberParams } from "../schemas.ts";

const entry = z.object({ id: z.number(), email: z.string(), remoteId: z.string().nullable() });
const erasure = z
  .object({
    remoteId: z.string().nullable().meta({ description: "The customer key that is remembered, as a hash" }),
    entries: z.array(entry).meta({ description: "Every row at the person's addresses: they are emptied" }),
    kept: z.object({
      groups: z.number(),
      mailings: z.number(),
      waiting: z.number(),
      wishChanges: z.number(),
      openWritebacks: z.number(),
    }),
    files: z.array(z.string()).meta({ description: "Files that wait to be imported and name the person: deleted" }),
  })
  .meta({ id: "Erasure", description: "What erasing a person takes out" });

/** One person's data, for them: export, erase, and lifting an erasure. (product 2.6) */
export async function personalDataRoutes(api: Api): Promise<void> {
  const tags = ["subscribers"];
  const config = { permission: "personal-data:manage" } as const;
  const params = subscriberParams;
  api.get(
    "/subscribers/:id/export",
    {
      config,
      schema: {
        summary: "Export everything that is kept of a person, as JSON or as a page for people",
        tags,
        params,
        querystring: z.object({ format: z.enum(exportFormats).default("json") }),
        response: { 200: z.any().meta({ description: "A file" }) },
      },
    },
    async ({ account, params, query: { format } }, reply) => {
      const found = await exportPerson(account, params.id);
      return reply
        .type(format === "json" ? "application/json; charset=utf-8" : "text/html; charset=utf-8")
        .header("content-disposition", attachment(`${found.addresses[0]}.${format}`))
        .send(Readable.from(writeExport(found, format)));
    },
  );
  api.get(
    "/subscribers/:id/erasure",
    {
      config,
      schema: { summary: "What erasing a person would take out", tags, params, response: { 200: erasure } },
    },
    async ({ account, params }) => plain(await previewErasure(account, params.id)),
  );
  api.post(
    "/subscribers/:id/erase",
    {
      config,
      schema: {
        summary: "Erase a person on their request: nothing brings them back into mailings",
        tags,
        params,
        body: z.strictObject({
          confirm: line(320).meta({ description: "The person's address, typed once more" }),
        }),
        response: { 200: z.object({ entries: z.number().meta({ description: "How many rows were emptied" }) }) },
      },
    },
    async ({ account, params, body }) => ({
      entries: (await erasePerson(account, params.id, body.confirm)).entries.length,
    }),
  );
  api.post(
    "/lifted-erasures",
    {
      config,
      schema: {
        summary: "Lift an erasure, for a person who asks to come back: the next sync or file brings them",
        tags,
        body: z.strictObject({
          email: line(320).meta({ description: "An address that the person was erased with" }),
          reason: line(200).trim().min(1, "is needed: who asked for it, and how"),
        }),
        response: { 204: z.null().meta({ description: "Lifted" }) },
      },
    },
    async ({ account, body }, reply) => {
      await liftErasure(account, body.email, body.reason);
      return reply.code(204).send(null);
    },
  );
}
