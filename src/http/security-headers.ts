import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import type { Config } from "../platform/config.ts";

const self = "'self'";
/** Nothing from outside, no inline script. Styles may stand in the page: its components place things by them. */
const policy = {
  defaultSrc: [self],
  scriptSrc: [self],
  styleSrc: [self, "'unsafe-inline'"],
  imgSrc: [self, "data:", "blob:"],
  fontSrc: [self, "data:"],
  connectSrc: [self],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: [self],
  frameAncestors: ["'none'"],
};
/** The API's page starts itself by an inline script, and compiles its forms. */
const docsPolicy =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Headers that keep browsers on the safe side. (reliability 1.3, 15) */
export async function addSecurityHeaders(server: FastifyInstance, { baseUrl }: Pick<Config, "baseUrl">): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    // Sub-domains may belong to others: who hosts Lockstep says it for them.
    hsts: baseUrl?.startsWith("https:") ? { maxAge: 365 * 24 * 3600, includeSubDomains: false } : false,
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  });
  server.addHook("onSend", async (request, reply) => {
    if (/^\/api\/docs(\/|\?|$)/.test(request.url)) reply.header("content-security-policy", docsPolicy);
  });
}
