import type { FastifyRequest } from "fastify";
import { findApiKeyOwner } from "../../domain/accounts/api-keys.ts";
import { isStillSignedIn } from "../../domain/accounts/find-signed-in.ts";
import type { Context } from "../../domain/context.ts";
import { TooManyRequestsError } from "../../platform/errors.ts";
import type { Api, RouteOptions } from "../route.ts";
import { streamEvents } from "../stream-events.ts";

/** Browsers open six connections to a host; a person with more pages open is served by asking again. */
const mostStreams = 6;

/** One stream for everything that a page shows: it names what changed, and the page asks for it. (reliability 1.3, 22) */
export async function eventRoutes(api: Api, { app, feed }: RouteOptions): Promise<void> {
  const open = new Map<string, number>();
  const take = (holder: string) => {
    const streams = open.get(holder) ?? 0;
    if (streams >= mostStreams)
      throw new TooManyRequestsError("You have many of these pages open; this one asks now and then.", 30);
    open.set(holder, streams + 1);
    return () => {
      const left = (open.get(holder) ?? 1) - 1;
      if (left === 0) open.delete(holder);
      else open.set(holder, left);
    };
  };
  api.get(
    "/events",
    {
      config: { permission: "syncs:read" },
      schema: {
        summary:
          "Live: what changes in the account, as server-sent events: `sync` with the sync's progress, `groups`, `bridge`, `mailings`, `writebacks`",
        tags: ["home"],
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const { account, signedIn } = request;
      const release = take(`${account.accountId} ${signedIn?.user.id ?? account.actor}`);
      try {
        await streamEvents(request, reply, feed, () => isStillLetIn(app.ctx, request));
      } finally {
        release();
      }
    },
  );
}

/** Who signed out, was disabled or lost the key hears nothing more. */
async function isStillLetIn(ctx: Context, request: FastifyRequest): Promise<boolean> {
  if (request.signedIn) return isStillSignedIn(ctx, request.signedIn);
  const owner = await findApiKeyOwner(ctx, request.headers.authorization?.slice("Bearer ".length) ?? "");
  return owner !== undefined && !owner.isSuspended;
}
