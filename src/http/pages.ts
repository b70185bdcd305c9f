import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Where `npm run build` puts the pages; `npm ci` has run it. */
const builtPages = join(import.meta.dirname, "..", "..", "dist", "web");

/**
 * The pages: built files, packed beforehand; every other address that a browser opens gets the one page, which finds
 * its way by itself. Without built pages the address leads to the API's own page.
 */
export async function addPages(server: FastifyInstance): Promise<void> {
  if (!existsSync(join(builtPages, "index.html"))) {
    server.log.warn("the pages aren't built, only the API is served: run 'npm run build'");
    server.get("/", { schema: { hide: true } }, (_, reply) => reply.redirect("/api/docs"));
    return;
  }
  await server.register(fastifyStatic, {
    root: builtPages,
    preCompressed: true,
    index: false,
    wildcard: false,
    // Names under /assets/ carry their content's hash; everything else is asked for again.
    setHeaders: (reply, path) => {
      const isHashed = path.includes(`${join("web", "assets")}`);
      reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  server.get("/*", { schema: { hide: true } }, (request, reply) => {
    if (/^\/(api|health|ready|metrics|assets)(\/|\?|$)/.test(request.url)) return reply.callNotFound();
    return reply.sendFile("index.html");
  });
}
