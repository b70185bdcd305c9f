import type { FastifyReply, FastifyRequest } from "fastify";
import type { Sync } from "../domain/syncs/sync.ts";
import { plain } from "./schemas.ts";
import { withoutHiddenDetail } from "./sync-detail.ts";
import type { SyncFeed } from "./sync-feed.ts";

const keepAliveMs = 15_000;
/** A sync may change a hundred times a second; eyes and networks are served by less. */
const leastPauseMs = 100;

/**
 * Sends a sync as server-sent events, each time it changed, until it ended or the watcher left. The event's data is
 * the sync as the API has it, so a watcher that missed some needs only the latest.
 */
export async function streamSync(
  request: FastifyRequest,
  reply: FastifyReply,
  feed: SyncFeed,
  syncId: string,
  source: { read(): Promise<Sync>; isLast(sync: Sync): boolean },
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
  let wake: () => void = () => {};
  let isChanged = true;
  const stop = feed.watch(request.account.accountId, syncId, () => {
    isChanged = true;
    wake();
  });
  const closed = new AbortController();
  const leave = () => {
    closed.abort();
    wake();
  };
  raw.on("close", leave);
  feed.closing.addEventListener("abort", leave);
  if (feed.closing.aborted) leave();
  const { clock } = request.account;
  try {
    while (!closed.signal.aborted) {
      if (!isChanged) {
        const change = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([change, clock.sleep(keepAliveMs, closed.signal).catch(() => {})]);
        if (!isChanged) {
          raw.write(": still here\n\n");
          continue;
        }
      }
      isChanged = false;
      const sync = await source.read();
      raw.write(`event: sync\ndata: ${JSON.stringify(withoutHiddenDetail(request, plain(sync)))}\n\n`);
      if (source.isLast(sync)) return;
      await clock.sleep(leastPauseMs, closed.signal).catch(() => {});
    }
  } finally {
    stop();
    feed.closing.removeEventListener("abort", leave);
    raw.end();
  }
}
