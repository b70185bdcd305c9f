import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

/** Asks anew for everything shown under these addresses: `/syncs`, `/target-groups`. */
export function useReask(...parts: readonly string[]): () => Promise<void> {
  const memory = useQueryClient();
  const key = parts.join(" ");
  return useCallback(async () => {
    const old = key.split(" ").map((part) => `/api/v1${part}`);
    await memory.invalidateQueries({
      predicate: ({ queryKey }) => old.some((part) => String(queryKey[1]).startsWith(part)),
    });
  }, [memory, key]);
}
