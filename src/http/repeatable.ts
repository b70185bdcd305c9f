import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { KeyedRequest } from "../domain/accounts/answered-request-store.ts";
import { beginRequest, keepAnswer, releaseRequest } from "../domain/accounts/answered-requests.ts";
import { must } from "../platform/errors.ts";
import { line } from "./schemas.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Takes an `Idempotency-Key`: sent again with it, the request has no second effect and gets its first answer. */
    isRepeatable?: boolean;
  }
  interface FastifyRequest {
    /** The key of a request that is being answered for the first time. */
    keyed: KeyedRequest | null;
  }
}

const keyHeader = z.looseObject({
  "idempotency-key": line(200).min(1).optional().meta({
    description: "Sent again with it within a day, the request has no second effect, and gets its first answer",
  }),
});

/**
 * Lets the routes that say so (`isRepeatable`) be asked again without a second effect, for scripts whose connection
 * broke. Answers are kept whatever they said, but for *too much at once*: that one may be tried again. (product 6.2)
 */
export function answerOnce(api: FastifyInstance): void {
  api.decorateRequest("keyed", null);
  api.addHook("onRoute", (route) => {
    if (route.config?.isRepeatable) route.schema = { ...route.schema, headers: keyHeader };
  });
  api.addHook("preHandler", async (request, reply) => {
    const key = keyOf(request);
    if (key === undefined) return;
    const keyed = {
      caller: must(request.callerId, "the route is an account's"),
      target: `${request.method} ${request.url.split("?")[0]}`,
      key,
    };
    const before = await beginRequest(request.account, keyed, [request.body ?? null, request.query ?? null]);
    if (before === null) {
      request.keyed = keyed;
      return;
    }
    reply.code(before.status).header("idempotency-replayed", "true");
    if (before.contentType === null) reply.send();
    else reply.type(before.contentType).send(before.answer);
    return reply;
  });
  api.addHook("onSend", async (request, reply, payload) => {
    if (request.keyed) await settle(request, reply, request.keyed, typeof payload === "string" ? payload : "");
    return payload;
  });
}

function keyOf(request: FastifyRequest): string | undefined {
  if (!request.routeOptions.config.isRepeatable) return undefined;
  return (request.headers as z.infer<typeof keyHeader>)["idempotency-key"];
}

async function settle(
  request: FastifyRequest,
  reply: FastifyReply,
  keyed: KeyedRequest,
  answer: string,
): Promise<void> {
  const { statusCode: status } = reply;
  const contentType = String(reply.getHeader("content-type") ?? "") || null;
  // How it ended is not known then: it stays as one that was cut off.
  if (status >= 500) return;
  try {
    if (status === 429) await releaseRequest(request.account, keyed);
    else await keepAnswer(request.account, keyed, { status, contentType, answer });
  } catch (error) {
    request.log.warn({ err: error }, "an answer could not be kept for its key");
  }
}
