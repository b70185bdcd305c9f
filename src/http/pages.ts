import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Cookies } from "./session-cookie.ts";

/** Every page of somebody who is signed in asks this first: the browser may while the pages' code is on its way. */
const firstQuestion = "</api/v1/me>; rel=preload; as=fetch; crossorigin";

/** Where `npm run build` puts the pages; `npm ci` has run it. */
const builtPages = join(import.meta.dirname, "..", "..", "dist", "web");

/**
 * The pages: built files, packed beforehand; every other address that a browser opens gets the one page, which finds
 * its way by itself. Without built pages the address leads to the API's own page.
 */
export async function addPages(server: FastifyInstance, cookies: Pick<Cookies, "session">): Promise<void> {
  if (!existsSync(join(builtPages, "index.html"))) {
    server.log.warn("the pages aren't built, only the API is served: run 'npm run build'");
    server.get("/", { schema: { hide: true } }, (_, reply) => reply.redirect("/api/docs"));
    return;
  }
  // Names under /assets/ carry their content's hash; everything else is asked for again.
  await server.register(fastifyStatic, {
    root: join(builtPages, "assets"),
    prefix: "/assets/",
    preCompressed: true,
    immutable: true,
    maxAge: "365d",
  });
  await server.register(fastifyStatic, {
    root: builtPages,
    decorateReply: false,
    preCompressed: true,
    index: false,
    wildcard: false,
    globIgnore: ["assets/**"],
    cacheControl: false,
    setHeaders: (reply) => reply.header("cache-control", "no-cache"),
  });
  server.get("/*", { schema: { hide: true } }, (request, reply) => {
    if (!isOpenedByBrowser(request)) return reply.callNotFound();
    if (cookies.session(request) !== undefined) reply.header("link", firstQuestion);
    return reply.header("cache-control", "no-cache").sendFile("index.html", builtPages, { cacheControl: false });
  });
}

/** Programs that ask for what isn't there are told so; a person's address is the page's to understand. */
function isOpenedByBrowser({ url, headers }: FastifyRequest): boolean {
  return headers.accept?.includes("text/html") === true && !/^\/(api|health|metrics|assets|images)(\/|\?|$)/.test(url);
}
