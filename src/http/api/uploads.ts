import { z } from "zod";
import type { FolderId, GroupId } from "../../domain/target-groups/target-group.ts";
import { delimiters, encodings } from "../../domain/uploads/guess.rules.ts";
import { findUpload, previewUpload, receiveUpload } from "../../domain/uploads/receive-upload.ts";
import { requestImport } from "../../domain/uploads/request-import.ts";
import type { UploadId } from "../../domain/uploads/upload.ts";
import type { Api } from "../route.ts";
import { id, idParams, instant, line, plain, syncBody } from "../schemas.ts";

const uploadBody = z
  .object({
    id,
    fileName: z.string(),
    createdAt: instant,
    createdBy: z.string(),
    bytes: z.number(),
    syncId: id.nullable(),
  })
  .meta({ id: "Upload" });
const place = z.number().int().min(0).max(499);
const fieldPlaces = z.record(z.string().max(200), place);
const preview = z
  .object({
    upload: uploadBody,
    dialect: z.object({ encoding: z.enum(encodings), delimiter: z.enum(delimiters), hasHeader: z.boolean() }),
    header: z.array(z.string()),
    rows: z.array(z.object({ line: z.number(), cells: z.array(z.string()) })).meta({ description: "The first 20" }),
    guess: z
      .object({ email: place.nullable(), fields: fieldPlaces })
      .meta({ description: "Which columns seem to be what, by place from 0" }),
    fields: z.array(z.object({ name: z.string(), displayName: z.string() })),
  })
  .meta({ id: "UploadPreview" });
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const importBody = z.strictObject({
  target: z.union([
    z.strictObject({ groupId: id }),
    z.strictObject({ name: line(200).trim().min(1), folderId: id.nullable().default(null) }),
  ]),
  encoding: z.enum(encodings),
  delimiter: z.enum(delimiters),
  hasHeader: z.boolean(),
  columns: z.strictObject({ email: place, fields: fieldPlaces.default({}) }),
  mode: z.enum(["replace", "add"]).default("replace"),
});

const tags = ["uploads"];
const config = { permission: "target-groups:change" } as const;

/** Static groups: a file is received, looked at, and imported by a sync that can be watched. (product 3.3) */
export async function uploadRoutes(api: Api): Promise<void> {
  await api.register(receiving);
  api.get(
    "/uploads/:id",
    {
      config,
      schema: { summary: "An uploaded file", tags, params: idParams, response: { 200: uploadBody } },
    },
    async ({ account, params }) => plain(await findUpload(account, params.id as UploadId)),
  );
  api.get(
    "/uploads/:id/preview",
    {
      config,
      schema: {
        summary: "The file's beginning as a table, read as said or as it seems",
        tags,
        params: idParams,
        querystring: z.object({
          encoding: z.enum(encodings).optional(),
          delimiter: z.enum(delimiters).optional(),
          hasHeader: flag.optional(),
        }),
        response: { 200: preview },
      },
    },
    async ({ account, params, query }) => plain(await previewUpload(account, params.id as UploadId, query)),
  );
  api.post(
    "/uploads/:id/import",
    {
      config: { ...config, isRepeatable: true },
      schema: {
        summary: "Import the file into a static group, a new one or one that is there",
        tags,
        params: idParams,
        body: importBody,
        response: { 202: syncBody },
      },
    },
    async ({ account, params, body: { target, ...reading } }, reply) => {
      const into =
        "groupId" in target
          ? { groupId: target.groupId as GroupId }
          : { name: target.name, folderId: target.folderId as FolderId | null };
      return reply.code(202).send(plain(await requestImport(account, params.id as UploadId, into, reading)));
    },
  );
}

/** Apart, since it alone takes bytes, and nothing else. */
async function receiving(api: Api): Promise<void> {
  // As it comes: a file is neither held in memory nor parsed here. No form on another site can send this type.
  api.removeContentTypeParser("application/json");
  api.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));
  api.post(
    "/uploads",
    {
      config,
      bodyLimit: 600 * 1024 ** 2,
      schema: {
        summary: "Upload a CSV file: its bytes as the body, of type text/csv; kept for a day",
        tags,
        consumes: ["text/csv"],
        querystring: z.object({ name: line(200).default("list.csv") }),
        response: { 201: uploadBody },
      },
    },
    async ({ account, query, body }, reply) => {
      const bytes = (body ?? []) as AsyncIterable<Uint8Array>;
      return reply.code(201).send(plain(await receiveUpload(account, query.name, bytes)));
    },
  );
}
