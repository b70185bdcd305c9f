import fastify, { type FastifyInstance } from "fastify";

const prefix = "/api/docs";
const passedOn = ["content-type", "location", "cache-control", "etag"];

/**
 * The API's readable page. It brings 5 MB of code, which would take 30 MB of memory for a page that few open: it is
 * loaded when it is first asked for, into a server of its own that listens nowhere.
 */
export function addApiPage(server: FastifyInstance): void {
  let loaded: Promise<FastifyInstance> | undefined;
  server.addHook("onClose", async () => (await loaded?.catch(() => undefined))?.close());
  for (const url of [prefix, `${prefix}/*`]) {
    server.get(url, { schema: { hide: true } }, async (request, reply) => {
      loaded ??= load();
      const page = await loaded.catch((error: unknown) => {
        loaded = undefined; // asked again, it is tried again
        throw error;
      });
      const answer = await page.inject({ url: request.url, headers: request.headers });
      for (const name of passedOn) reply.header(name, answer.headers[name]);
      return reply.code(answer.statusCode).send(answer.rawPayload);
    });
  }
}

async function load(): Promise<FastifyInstance> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const page = fastify();
  await page.register(scalar as never, {
    routePrefix: prefix,
    configuration: { url: "/api/openapi.json", withDefaultFonts: false },
  });
  return page;
}
