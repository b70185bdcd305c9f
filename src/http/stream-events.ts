import type { FastifyReply, FastifyRequest } from "fastify";
import { findSyncs } from "../domain/syncs/find-syncs.ts";
import type { Sync, SyncId } from "../domain/syncs/sync.ts";
import { describeError } from "../platform/errors.ts";
import { isId } from "../platform/ids.ts";
import { plain } from "./schemas.ts";
import type { SyncFeed } from "./sync-feed.ts";

/** What changes without being a sync: see `tell_change` in the migrations. */
const kinds = ["groups", "bridge", "mailings", "writebacks"];
const keepAliveMs = 15_000;
/** A night changes hundreds of rows a second: what comes within so long is told at once. */
const gatherMs = 250;
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

/**
 * Tells what changes in the account until the watcher leaves, the session ends or the server closes. The stream is a
 * hint: the state is always in the row.
 * @param isStillLetIn asked with every sign of life
 */
export async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  feed: SyncFeed,
  isStillLetIn: () => Promise<boolean>,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
  raw.write("retry: 3000\n\n: here\n\n");
  const { account, signedIn, log } = request;
  const ending = Promise.withResolvers<void>();
  const orEnd = (work: Promise<unknown>) =>
    void work.catch((error) => {
      log.warn({ reason: describeError(error) }, "a stream of events broke off; the page opens another");
      ending.resolve();
    });
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = async () => {
    timer = undefined;
    const now = [...changed];
    changed.clear();
    const ids = now.filter(isId) as SyncId[];
    for (const sync of ids.length > 0 ? await findSyncs(account, ids.slice(-mostSyncs)) : [])
      raw.write(`event: sync\ndata: ${JSON.stringify(presentSync(sync))}\n\n`);
    for (const what of kinds) if (now.includes(what)) raw.write(`event: ${what}\ndata: {}\n\n`);
  };
  const stopWatching = feed.watchAccount(account.accountId, (what) => {
    for (const one of what === null ? kinds : [what]) changed.add(one);
    timer ??= setTimeout(() => orEnd(tell()), gatherMs);
  });
  const end = () => ending.resolve();
  const stopSession = signedIn ? feed.watchSession(signedIn.session.id, end) : end;
  const beat = async () => ((await isStillLetIn()) ? raw.write(": still here\n\n") : end());
  // A connection's own pulse: of the machine's time, not of the product's.
  const pulse = setInterval(() => orEnd(beat()), keepAliveMs).unref();
  raw.on("close", end);
  feed.closing.addEventListener("abort", end);
  if (feed.closing.aborted) end();
  await ending.promise;
  stopWatching();
  stopSession();
  clearInterval(pulse);
  clearTimeout(timer);
  feed.closing.removeEventListener("abort", end);
  raw.end();
}
