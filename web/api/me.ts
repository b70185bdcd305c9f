import { useSuspenseQuery } from "@tanstack/react-query";
import { api, type Schema } from "./client.ts";

export type Me = Schema<"Me">;

/** Who is signed in; asked once and kept until something about it changes. */
export const meQuery = api.queryOptions("get", "/api/v1/me", {}, { staleTime: 60_000, retry: false });

/** The person who is signed in. Only below the shell, whose route has asked already. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data as Me;
}

/** Whether the person may do this: pages show only what works. The server decides all the same. */
export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}
