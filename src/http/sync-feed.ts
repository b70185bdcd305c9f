import type { Context } from "../domain/context.ts";
import { syncChannel } from "../domain/syncs/store.ts";

/** Tells watchers in this process when a sync changed, wherever it runs. */
export interface SyncFeed {
  /** @param onChange called with every change; also after a gap, when changes may have been missed */
  watch(accountId: string, syncId: string, onChange: () => void): () => void;
  /** Aborted when the server begins to close: streams end, so that it can. */
  readonly closing: AbortSignal;
  beginClose(): void;
  close(): Promise<void>;
}

/** One listening connection serves all watchers. */
export async function openSyncFeed(ctx: Context): Promise<SyncFeed> {
  const watchers = new Map<string, Set<() => void>>();
  const tell = (key: string) => {
    for (const onChange of watchers.get(key) ?? []) onChange();
  };
  const listening = await ctx.db.listen(syncChannel, tell, () => {
    for (const key of watchers.keys()) tell(key);
  });
  const closing = new AbortController();
  return {
    closing: closing.signal,
    beginClose: () => closing.abort(),
    watch(accountId, syncId, onChange) {
      const key = `${accountId} ${syncId}`;
      const own = watchers.get(key) ?? new Set();
      watchers.set(key, own.add(onChange));
      return () => {
        own.delete(onChange);
        if (own.size === 0) watchers.delete(key);
      };
    },
    close: () => Promise.resolve(listening[Symbol.asyncDispose]()),
  };
}
