import type { FastifyRequest } from "fastify";
import { findApiKeyOwner } from "../../domain/accounts/api-keys.ts";
import { isStillSignedIn } from "../../domain/accounts/find-signed-in.ts";
import { findSyncs } from "../../domain/syncs/find-syncs.ts";
import type { Sync, SyncId } from "../../domain/syncs/sync.ts";
import { describeError, TooManyRequestsError } from "../../platform/errors.ts";
import { isId } from "../../platform/ids.ts";
import type { Api, RouteOptions } from "../route.ts";
import { plain } from "../schemas.ts";

const keepAliveMs = 15_000;
/** A night changes hundreds of rows a second: what comes within so long is told at once. */
const gatherMs = 250;
/** Browsers open six connections to a host; a person with more pages open is served by asking again. */
const mostStreams = 6;
/** Of more syncs at once than this, a page asks for its list. */
const mostSyncs = 50;

/** What a page needs to move a bar, without asking. */
const presentSync = (sync: Sync) =>
  plain({
    id: sync.id,
    groupId: sync.groupId,
    groupName: sync.groupName,
    kind: sync.kind,
    isDryRun: sync.isDryRun,
    state: sync.state,
    rowsRead: sync.rowsRead,
    rowsExpected: sync.rowsExpected,
    rowsApplied: sync.rowsApplied,
  });

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
          "Live: what changes in the account, as server-sent events: `sync` with the sync's progress, `groups`, `bridge`",
        tags: ["home"],
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const { account, signedIn } = request;
      const release = take(`${account.accountId} ${signedIn?.user.id ?? account.actor}`);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      raw.write("retry: 3000\n\n: here\n\n");
      const changed = new Set<string>();
      let stop: () => void = () => {};
      let timer: NodeJS.Timeout | undefined;
      const tell = async () => {
        timer = undefined;
        const now = [...changed];
        changed.clear();
        const ids = now.filter(isId) as SyncId[];
        for (const sync of ids.length > 0 ? await findSyncs(account, ids.slice(-mostSyncs)) : [])
          raw.write(`event: sync\ndata: ${JSON.stringify(presentSync(sync))}\n\n`);
        for (const what of ["groups", "bridge"]) if (now.includes(what)) raw.write(`event: ${what}\ndata: {}\n\n`);
      };
      await new Promise<void>((resolve) => {
        const orLeave = (work: Promise<unknown>) =>
          void work.catch((error) => {
            request.log.warn({ reason: describeError(error) }, "a stream of events broke off; the page opens another");
            resolve();
          });
        const stopWatching = feed.watchAccount(account.accountId, (what) => {
          for (const one of what === null ? ["groups", "bridge"] : [what]) changed.add(one);
          timer ??= setTimeout(() => orLeave(tell()), gatherMs);
        });
        const stopSession = signedIn ? feed.watchSession(signedIn.session.id, resolve) : () => {};
        // A connection's own pulse: of the machine's time, not of the product's.
        const pulse = setInterval(() => orLeave(beat()), keepAliveMs).unref();
        const beat = async () => {
          if (await isStillLetIn(app.ctx, request)) raw.write(": still here\n\n");
          else resolve();
        };
        const end = () => resolve();
        raw.on("close", end);
        feed.closing.addEventListener("abort", end);
        if (feed.closing.aborted) resolve();
        stop = () => {
          stopWatching();
          stopSession();
          clearInterval(pulse);
          clearTimeout(timer);
          feed.closing.removeEventListener("abort", end);
        };
      });
      stop();
      release();
      raw.end();
    },
  );
}

/** Asked with every sign of life: who signed out, was disabled or lost the key hears nothing more. */
async function isStillLetIn(ctx: RouteOptions["app"]["ctx"], request: FastifyRequest): Promise<boolean> {
  if (request.signedIn) return isStillSignedIn(ctx, request.signedIn);
  const owner = await findApiKeyOwner(ctx, request.headers.authorization?.slice("Bearer ".length) ?? "");
  return owner !== undefined && !owner.isSuspended;
}
