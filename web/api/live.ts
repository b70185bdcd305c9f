import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { meQuery } from "./me.ts";
import { sessionOver } from "./session-over.ts";

/** Which answers an event makes old, by a part of their address. */
const stale: Record<string, readonly string[]> = {
  sync: ["/syncs", "/target-groups", "/home", "/bridge", "/nightly", "/folders"],
  groups: ["/target-groups", "/folders", "/home"],
  bridge: ["/bridge", "/home"],
  writebacks: ["/writebacks", "/home"],
  mailings: ["/mailings", "/instances", "/home"],
};

const quietMs = 700;

/**
 * Keeps the pages live: the server says what changed, and what shows it is asked again, at most about once a second.
 * The stream is only a hint; after a gap everything shown is asked again.
 */
export function useLive(isOn: boolean): void {
  const memory = useQueryClient();
  const isOver = useSyncExternalStore(sessionOver.subscribe, sessionOver.isOver);
  useEffect(() => {
    if (!isOn || isOver) return;
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      const parts = [...waiting].flatMap((event) => stale[event] ?? []);
      waiting.clear();
      void memory.invalidateQueries({
        predicate: ({ queryKey }) => parts.some((part) => String(queryKey[1]).startsWith(`/api/v1${part}`)),
      });
    };
    const hear = (event: string) => {
      waiting.add(event);
      timer ??= setTimeout(refresh, quietMs);
    };
    const stream = new EventSource("/api/v1/events");
    let wasOpen = false;
    stream.addEventListener("open", () => {
      if (wasOpen) for (const event of Object.keys(stale)) hear(event);
      wasOpen = true;
    });
    for (const event of Object.keys(stale)) stream.addEventListener(event, () => hear(event));
    // Refused, not broken off: whether somebody is still signed in is asked by what can say so.
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) void memory.invalidateQueries({ queryKey: meQuery.queryKey });
    });
    return () => {
      clearTimeout(timer);
      stream.close();
    };
  }, [memory, isOn, isOver]);
}
