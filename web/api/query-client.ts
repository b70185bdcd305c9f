import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { toProblem } from "./client.ts";

/** Asked again for what heals itself: a server that is away or too busy. */
function mayHeal(error: unknown): boolean {
  const { status } = toProblem(error);
  return status === 0 || status === 502 || status === 503 || status === 504;
}

/**
 * The pages' memory of what the server said.
 * @param onSignedOut called when an answer says that the session is over
 */
export function createQueryMemory(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (toProblem(error).code === "not_signed_in") onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: 15_000, retry: (count, error) => count < 4 && mayHeal(error) },
      mutations: { retry: false },
    },
  });
}
