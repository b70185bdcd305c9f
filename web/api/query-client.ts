import { QueryClient } from "@tanstack/react-query";
import { toProblem } from "./client.ts";

/** Asked again for what heals itself: a server that is away or too busy. */
function mayHeal(error: unknown): boolean {
  const { status } = toProblem(error);
  return status === 0 || status === 502 || status === 503 || status === 504;
}

/** The pages' memory of what the server said. */
export function createQueryMemory(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 15_000, retry: (count, error) => count < 4 && mayHeal(error) },
      mutations: { retry: false },
    },
  });
}
