import cookie from "@fastify/cookie";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import type { App } from "../app.ts";
import { guardRoutes } from "./access.ts";
import { accountRoutes } from "./api/account.ts";
import { accountsRoutes } from "./api/accounts.ts";
import { apiKeyRoutes } from "./api/api-keys.ts";
import { arrangeGroupRoutes } from "./api/arrange-groups.ts";
import { bridgeRoutes } from "./api/bridge.ts";
import { compoundRoutes } from "./api/compounds.ts";
import { countDetailsRoutes } from "./api/count-details.ts";
import { eventRoutes } from "./api/events.ts";
import { folderRoutes } from "./api/folders.ts";
import { heldBounceRoutes } from "./api/held-bounces.ts";
import { homeRoutes } from "./api/home.ts";
import { housekeepingRoutes } from "./api/housekeeping.ts";
import { imageRoutes } from "./api/images.ts";
import { installationRoutes } from "./api/installation.ts";
import { instanceRoutes } from "./api/instances.ts";
import { mailingPreviewRoutes } from "./api/mailing-preview.ts";
import { mailingVersionRoutes } from "./api/mailing-versions.ts";
import { mailingRoutes } from "./api/mailings.ts";
import { meRoutes } from "./api/me.ts";
import { nightlyRoutes } from "./api/nightly.ts";
import { noticeRoutes } from "./api/notices.ts";
import { personalDataRoutes } from "./api/personal-data.ts";
import { publishRoutes } from "./api/publish.ts";
import { reportRoutes } from "./api/reports.ts";
import { sendingDomainRoutes } from "./api/sending-domains.ts";
import { sessionRoutes } from "./api/session.ts";
import { signInProviderRoutes } from "./api/sign-in-provider.ts";
import { subscriberRoutes } from "./api/subscribers.ts";
import { syncRoutes } from "./api/syncs.ts";
import { targetGroupRoutes } from "./api/target-groups.ts";
import { uploadRoutes } from "./api/uploads.ts";
import { userRoutes } from "./api/users.ts";
import { describeWebhooks } from "./api/webhook-events.ts";
import { webhookRoutes } from "./api/webhooks.ts";
import { writebackRoutes } from "./api/writebacks.ts";
import { addApiPage } from "./api-page.ts";
import { healthRoutes } from "./health.ts";
import { createLoginSyncs } from "./login-syncs.ts";
import { speakPlainly } from "./mistakes.ts";
import { addPages } from "./pages.ts";
import { answerFrameworkError, answerWithProblems } from "./problems.ts";
import { publicImageRoutes } from "./public/images.ts";
import { mailLinkRoutes } from "./public/mail-links.ts";
import { createRateLimits } from "./rate-limits.ts";
import { answerOnce } from "./repeatable.ts";
import type { RouteOptions } from "./route.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { createCookies } from "./session-cookie.ts";
import { hideSyncDetail } from "./sync-detail.ts";
import { openSyncFeed } from "./sync-feed.ts";

const routes = [
  sessionRoutes,
  signInProviderRoutes,
  meRoutes,
  accountRoutes,
  userRoutes,
  apiKeyRoutes,
  webhookRoutes,
  noticeRoutes,
  bridgeRoutes,
  folderRoutes,
  targetGroupRoutes,
  countDetailsRoutes,
  compoundRoutes,
  arrangeGroupRoutes,
  uploadRoutes,
  sendingDomainRoutes,
  reportRoutes,
  syncRoutes,
  subscriberRoutes,
  writebackRoutes,
  personalDataRoutes,
  nightlyRoutes,
  mailingRoutes,
  mailingPreviewRoutes,
  mailingVersionRoutes,
  publishRoutes,
  instanceRoutes,
  heldBounceRoutes,
  imageRoutes,
  homeRoutes,
  eventRoutes,
  housekeepingRoutes,
  accountsRoutes,
  installationRoutes,
];

/** The HTTP server: API, its document and page, health and metrics. Not listening yet. */
export async function createServer(app: App): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: app.ctx.log.child({ part: "http" }) as FastifyBaseLogger,
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
    // A list of a million people on a slow line takes minutes; what is small is held back by the limits of its route.
    requestTimeout: 300_000,
    frameworkErrors: answerFrameworkError,
    trustProxy: app.config.trustedProxies.length > 0 ? [...app.config.trustedProxies] : false,
    logController: new LogController({ disableRequestLogging: true }),
  });
  speakPlainly();
  server.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  // Forms and plain text can be sent from any page on the web; JSON can't.
  server.removeContentTypeParser("text/plain");
  answerWithProblems(server);
  await server.register(cookie);
  await addSecurityHeaders(server, app.config);
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
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route);
      return { schema: { ...schema, "x-permission": route.route.config?.permission }, url };
    },
    // as: JSON Schema 2020-12, of which the plugin's types know less
    transformObject: (document) => ({ ...jsonSchemaTransformObject(document), webhooks: describeWebhooks() as never }),
  });
  const feed = await openSyncFeed(app.ctx);
  server.addHook("preClose", async () => feed.beginClose());
  server.addHook("onClose", () => feed.close());
  await server.register(healthRoutes, { app });
  await server.register(publicImageRoutes, { app });
  const loginSyncs = createLoginSyncs(app.ctx);
  server.addHook("onClose", () => loginSyncs.settle());
  const cookies = createCookies(app.config);
  const options: RouteOptions = { app, feed, cookies, limits: createRateLimits(app.ctx, app.config), loginSyncs };
  await server.register(
    async (api) => {
      guardRoutes(api, options);
      hideSyncDetail(api);
      answerOnce(api);
      for (const add of routes) await api.register(add, options);
    },
    { prefix: "/api/v1" },
  );
  await server.register(mailLinkRoutes, { app, limits: options.limits });
  server.get("/api/openapi.json", { schema: { hide: true } }, () => server.swagger());
  addApiPage(server);
  await addPages(server, cookies);
  return server;
}
