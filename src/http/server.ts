import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import type { App } from "../app.ts";
import { findApiKeyOwner } from "../domain/accounts/api-keys.ts";
import { type AccountContext, inAccount } from "../domain/context.ts";
import { bridgeRoutes } from "./api/bridge.ts";
import { nightlyRoutes } from "./api/nightly.ts";
import { subscriberRoutes } from "./api/subscribers.ts";
import { syncRoutes } from "./api/syncs.ts";
import { targetGroupRoutes } from "./api/target-groups.ts";
import { healthRoutes } from "./health.ts";
import { answerFrameworkError, answerWithProblems, NotSignedInError } from "./problems.ts";
import type { RouteOptions } from "./route.ts";
import { openSyncFeed } from "./sync-feed.ts";

/** The HTTP server: API, its document and page, health and metrics. Not listening yet. */
export async function createServer(app: App): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: app.ctx.log.child({ part: "http" }) as FastifyBaseLogger,
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 30_000,
    frameworkErrors: answerFrameworkError,
    logController: new LogController({ disableRequestLogging: true }),
  });
  server.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  answerWithProblems(server);
  await server.register(helmet, { contentSecurityPolicy: false, hsts: false });
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Lockstep",
        version: "1",
        description: "Target groups in step with netFORUM Pro. Errors are RFC 9457 problems.",
      },
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
      security: [{ apiKey: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  const feed = await openSyncFeed(app.ctx);
  server.addHook("onClose", () => feed.close());
  await server.register(healthRoutes, { app });
  await server.register(
    async (api) => {
      api.decorateRequest("account", null as never);
      api.addHook("onRequest", async (request, reply) => {
        reply.header("cache-control", "no-store");
        request.account = await signIn(app, request);
      });
      const options: RouteOptions = { app, feed };
      for (const routes of [bridgeRoutes, targetGroupRoutes, syncRoutes, subscriberRoutes, nightlyRoutes])
        await api.register(routes, options);
    },
    { prefix: "/api/v1" },
  );
  server.get("/api/openapi.json", { schema: { hide: true } }, () => server.swagger());
  await server.register(scalar as never, {
    routePrefix: "/api/docs",
    configuration: { url: "/api/openapi.json", withDefaultFonts: false },
  });
  server.get("/", { schema: { hide: true } }, (_, reply) => reply.redirect("/api/docs"));
  return server;
}

/** Whose request this is, by its API key. @throws NotSignedInError */
async function signIn(app: App, request: FastifyRequest): Promise<AccountContext> {
  const token = /^Bearer (lsk_[\w-]{20,100})$/.exec(request.headers.authorization ?? "")?.[1];
  const owner = token === undefined ? undefined : await findApiKeyOwner(app.ctx, token);
  if (!owner) throw new NotSignedInError();
  return inAccount(app.ctx, owner.accountId, `API key ${owner.name}`);
}
