import type { Context } from "../domain/context.ts";
import { changeChannel, syncChannel } from "../domain/syncs/story-store.ts";

/** Tells watchers in this process when a sync changed, wherever it runs. */
export interface SyncFeed {
  /** @param onChange called with every change; also after a gap, when changes may have been missed */
  watch(accountId: string, syncId: string, onChange: () => void): () => void;
  /**
   * The same for everything in an account.
   * @param onChange gets a sync's id, `groups`, `bridge`, `mailings` or `writebacks`, or null after a gap
   */
  watchAccount(accountId: string, onChange: (changed: string | null) => void): () => void;
  /** @param onEnd called when somebody ended this session */
  watchSession(sessionId: string, onEnd: () => void): () => void;
  /** Aborted when the server begins to close: streams end, so that it can. */
  readonly closing: AbortSignal;
  beginClose(): void;
  close(): Promise<void>;
}

type OnChange = (changed: string | null) => void;

/** Two listening connections serve all watchers. */
export async function openSyncFeed(ctx: Context): Promise<SyncFeed> {
  /** By account, and by `account sync`. */
  const watchers = new Map<string, Set<OnChange>>();
  const tell = (key: string, syncId: string | null) => {
    for (const onChange of watchers.get(key) ?? []) onChange(syncId);
  };
  const hear = (payload: string) => {
    const [accountId = "", syncId = ""] = payload.split(" ");
    tell(payload, syncId);
    tell(accountId, syncId);
  };
  const afterGap = () => {
    for (const key of watchers.keys()) tell(key, null);
  };
  const listening = [
    await ctx.db.listen(syncChannel, hear, afterGap),
    await ctx.db.listen(changeChannel, hear, afterGap),
  ];
  const closing = new AbortController();
  const add = (key: string, onChange: OnChange) => {
    const own = watchers.get(key) ?? new Set();
    watchers.set(key, own.add(onChange));
    return () => {
      own.delete(onChange);
      if (own.size === 0 && watchers.get(key) === own) watchers.delete(key);
    };
  };
  return {
    closing: closing.signal,
    beginClose: () => closing.abort(),
    watch: (accountId, syncId, onChange) => add(`${accountId} ${syncId}`, onChange),
    watchAccount: (accountId, onChange) => add(accountId, onChange),
    watchSession: (sessionId, onEnd) => add(`${sessionId} session`, (changed) => changed !== null && onEnd()),
    async close() {
      await Promise.all(listening.map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
