import { TooManyRequestsError } from "../../platform/errors.ts";
import type { Api, RouteOptions } from "../route.ts";

const keepAliveMs = 15_000;
/** Browsers open six connections to a host; a person with more pages open is served by asking again. */
const mostStreams = 6;

/** One stream for everything that a page shows: it names what changed, and the page asks for it. (reliability 1.3, 22) */
export async function eventRoutes(api: Api, { feed }: RouteOptions): Promise<void> {
  const open = new Map<string, number>();
  api.get(
    "/events",
    {
      config: { permission: "syncs:read" },
      schema: {
        summary: "Live: what changes in the account, as server-sent events `sync` with the id of the sync",
        tags: ["home"],
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const { accountId, actor } = request.account;
      const holder = `${accountId} ${actor}`;
      const streams = open.get(holder) ?? 0;
      if (streams >= mostStreams)
        throw new TooManyRequestsError("You have many of these pages open; this one asks now and then.", 30);
      open.set(holder, streams + 1);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      raw.write("retry: 3000\n\n: here\n\n");
      const stop = feed.watchAccount(accountId, (syncId) =>
        raw.write(`event: sync\ndata: ${JSON.stringify({ syncId })}\n\n`),
      );
      // A connection's own pulse: of the machine's time, not of the product's.
      const pulse = setInterval(() => raw.write(": still here\n\n"), keepAliveMs).unref();
      await new Promise<void>((resolve) => {
        raw.on("close", resolve);
        feed.closing.addEventListener("abort", () => resolve());
        if (feed.closing.aborted) resolve();
      });
      clearInterval(pulse);
      stop();
      const left = (open.get(holder) ?? 1) - 1;
      if (left === 0) open.delete(holder);
      else open.set(holder, left);
      raw.end();
    },
  );
}
