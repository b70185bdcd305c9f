import type { FastifyRequest } from "fastify";
import { type Config, isLoopbackUrl } from "../platform/config.ts";
import { ForbiddenError } from "../platform/errors.ts";

const safeMethods = ["GET", "HEAD", "OPTIONS"];

export function changesSomething({ method }: Pick<FastifyRequest, "method">): boolean {
  return !safeMethods.includes(method);
}

/**
 * Proves that our own page sent the request: the browser says so, or the origin is ours. A cookie alone proves
 * nothing, since browsers send it along from anywhere. (reliability 1.3, 4)
 * @throws ForbiddenError
 */
export function requireSameOrigin(request: FastifyRequest, { baseUrl }: Pick<Config, "baseUrl">): void {
  const site = request.headers["sec-fetch-site"];
  const { origin } = request.headers;
  if (site === undefined ? origin === ownOrigin(request, baseUrl) : site === "same-origin") return;
  throw new ForbiddenError(
    "cross_site",
    "This request did not come from Lockstep's own pages.",
    "Programs use an API key; behind a proxy, LOCKSTEP_BASE_URL must be the address that people open.",
  );
}

/** Without a configured address, only this machine's own counts: the Host header is whatever the sender wrote. */
function ownOrigin(request: FastifyRequest, baseUrl: string | undefined): string | null {
  if (baseUrl !== undefined) return baseUrl;
  const own = `http://${request.headers.host}`;
  return URL.canParse(own) && isLoopbackUrl(own) ? new URL(own).origin : null;
}
