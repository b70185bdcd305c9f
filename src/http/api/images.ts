import { z } from "zod";
import type { AccountContext } from "../../domain/context.ts";
import { deleteImage } from "../../domain/mailings/content/delete-image.ts";
import { findImageUses } from "../../domain/mailings/content/find-image-uses.ts";
import { listImages } from "../../domain/mailings/content/find-images.ts";
import { type Image, type ImageId, imageUrl } from "../../domain/mailings/content/image.ts";
import { imageTypes } from "../../domain/mailings/content/image-type.rules.ts";
import { receiveImage } from "../../domain/mailings/content/receive-image.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, idParams, instant, limit, line, nextCursor, page, plain } from "../schemas.ts";

const imageBody = z
  .object({
    id,
    fileName: z.string(),
    mediaType: z.enum(imageTypes),
    bytes: z.number(),
    width: z.number(),
    height: z.number(),
    createdAt: instant,
    createdBy: z.string(),
    url: z.string().meta({ description: "Where mail programs find it, without a sign-in" }),
  })
  .meta({ id: "Image" });
const useBody = z.object({ id, name: z.string(), isTemplate: z.boolean(), archivedAt: instant.nullable() });
const position = z.tuple([z.string(), z.uuid()]);

const present = (account: AccountContext, image: Image) => plain({ ...image, url: imageUrl(account, image) });

/** Pictures for mailings. (product 4.1) */
export async function imageRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  // As it comes: what it is, its bytes say. No form on another site can send these types; parsed JSON has no bytes.
  api.removeContentTypeParser("application/json");
  api.addContentTypeParser(/^image\/|^application\/octet-stream$/, (_request, payload, done) => done(null, payload));
  api.post(
    "/images",
    {
      config: { permission: "mailings:write" },
      schema: {
        summary: "Upload an image: PNG, JPEG, GIF or WebP, its bytes as the body; at most 5 MB and 8,000 pixels a side",
        tags,
        consumes: [...imageTypes],
        querystring: z.object({ name: line(200).default("image") }),
        response: { 201: imageBody },
      },
    },
    async ({ account, query, body }, reply) => {
      const bytes = (body ?? []) as AsyncIterable<Uint8Array>;
      return reply.code(201).send(present(account, await receiveImage(account, query.name, bytes)));
    },
  );
  api.get(
    "/images",
    {
      config: { permission: "mailings:read" },
      schema: {
        summary: "Images of the account, newest first",
        tags,
        querystring: z.object({ cursor, limit }),
        response: { 200: page(imageBody) },
      },
    },
    async ({ account, query: { cursor, limit } }) => {
      const after = decodeCursor("images", cursor, position);
      const images = await listImages(account, { limit, after: after && { at: after[0], id: after[1] } });
      return {
        items: images.map((image) => present(account, image)),
        next: nextCursor("images", images, limit, (last) => [last.createdAt.toString(), last.id]),
      };
    },
  );
  api.get(
    "/images/:id/uses",
    {
      config: { permission: "mailings:read" },
      schema: {
        summary: "Mailings and templates that show an image as they are saved, at most 200, by name",
        tags,
        params: idParams,
        response: { 200: z.object({ items: z.array(useBody) }) },
      },
    },
    async ({ account, params }) => ({
      items: (await findImageUses(account, params.id as ImageId)).map((use) => plain(use)),
    }),
  );
  api.delete(
    "/images/:id",
    {
      config: { permission: "mailings:write" },
      schema: {
        summary:
          "Take an image off the list that no mailing or template shows; its address goes on answering, since mails that were sent show it",
        tags,
        params: idParams,
        response: { 204: z.null() },
      },
    },
    async ({ account, params }, reply) => {
      await deleteImage(account, params.id as ImageId);
      return reply.code(204).send(null);
    },
  );
}
