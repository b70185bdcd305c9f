import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";
import { foldersQuery, groupsQuery } from "./search.ts";

export const groupSorts = [
  "name",
  "-name",
  "sendable",
  "-sendable",
  "counted_at",
  "-counted_at",
  "last_used_at",
  "-last_used_at",
] as const;
type GroupSort = (typeof groupSorts)[number];

/** What the address of the list keeps. */
export interface GroupsSearch {
  /** A folder's id, or the bin. */
  readonly folder?: string;
  readonly search?: string;
  readonly sort?: GroupSort;
  readonly state?: "not_yet_counted" | "counted" | "error";
  readonly cursor?: string;
}

const states = ["not_yet_counted", "counted", "error"] as const;
const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

function readSearch(search: Record<string, unknown>): GroupsSearch {
  const found = {
    folder: text(search.folder),
    search: text(search.search),
    sort: groupSorts.find((known) => known === search.sort),
    state: states.find((known) => known === search.state),
    cursor: text(search.cursor),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

export const groupListRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/target-groups",
    validateSearch: readSearch,
    loaderDeps: ({ search }) => search,
    loader: ({ context, deps }) => {
      void context.memory.prefetchQuery(groupsQuery(deps));
      void context.memory.prefetchQuery(foldersQuery);
    },
    component: lazyRouteComponent(() => import("./groups-page.tsx"), "GroupsPage"),
  }),
] as const;
