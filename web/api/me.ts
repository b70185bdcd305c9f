import type { QueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import { api, type Schema } from "./client.ts";

export type Me = Schema<"Me">;

/** Who is signed in; asked once and kept until something about it changes. */
export const meQuery = api.queryOptions("get", "/api/v1/me", {}, { staleTime: 60_000, retry: false });

/** Filled by the shell: every row of a table asks for it, and a query's observer for each would cost more than the row. */
export const MeContext = createContext<Me | undefined>(undefined);

/** The person who is signed in. @throws outside the shell, whose route has asked */
export function useMe(): Me {
  const me = use(MeContext);
  if (me === undefined) throw new Error("nobody is known to be signed in: useMe stands outside the shell");
  return me;
}

/** Somebody is in another account from now on: nothing that was known holds, and who they are there is asked first. */
export async function forgetAccount(memory: QueryClient): Promise<void> {
  const [, mine] = meQuery.queryKey;
  memory.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== mine });
  await memory.invalidateQueries({ queryKey: meQuery.queryKey });
}

/** Whether the person may do this: pages show only what works. The server decides all the same. */
export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}
