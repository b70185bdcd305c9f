import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { App } from "../app.ts";
import type { LoginSyncs } from "./login-syncs.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Cookies } from "./session-cookie.ts";
import type { SyncFeed } from "./sync-feed.ts";

/** A server whose routes are typed by the schemas that validate them. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What routes need beside the request. */
export interface RouteOptions {
  readonly app: App;
  readonly feed: SyncFeed;
  readonly cookies: Cookies;
  readonly limits: RateLimits;
  readonly loginSyncs: LoginSyncs;
}
