import type { FastifyInstance } from "fastify";
import type { App } from "../../app.ts";
import { findServedImage, readServedImage } from "../../domain/mailings/content/find-images.ts";

/**
 * Pictures for mail programs, which sign in nowhere: no cookie is asked for or set, and a picture is never taken for
 * anything else. What an address shows never changes, so whoever has seen it needn't ask again. (reliability 1.3, 15)
 */
export async function publicImageRoutes(server: FastifyInstance, { app }: { readonly app: App }): Promise<void> {
  server.get<{ Params: { id: string; fileName: string } }>(
    "/images/:id/:fileName",
    { schema: { hide: true } },
    async ({ params, headers }, reply) => {
      const image = await findServedImage(app.ctx, params.id, params.fileName);
      if (!image) {
        reply.code(404).type("text/plain; charset=utf-8").header("cache-control", "no-cache");
        return reply.send("There is no such image.\n");
      }
      const tag = `"${image.id}"`;
      reply
        .header("etag", tag)
        .header("cache-control", "public, max-age=31536000, immutable")
        .header("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
        .header("cross-origin-resource-policy", "cross-origin")
        .header("content-disposition", "inline")
        .header("x-robots-tag", "noindex");
      if (isKnown(headers["if-none-match"], tag)) return reply.code(304).send();
      return reply.type(image.mediaType).send(await readServedImage(app.ctx, image));
    },
  );
}

/** Whether the asker has it already. What packs answers on the way marks a tag as weak. (RFC 9110, 13.1.2) */
function isKnown(given: string | undefined, tag: string): boolean {
  const tags = given?.split(",").map((one) => one.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(tag) || tags.includes("*");
}
