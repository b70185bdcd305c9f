import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import type { GroupsSearch } from "./routes.ts";

export type Folder = Schema<"ListedFolder">;
export type ListedGroup = Schema<"ListedTargetGroup">;

const route = getRouteApi("/shell/target-groups");

/** Stands for the bin where a folder's id would stand. */
export const bin = "deleted";

export const foldersQuery = api.queryOptions("get", "/api/v1/folders");

/** The page of groups that an address shows. */
export function groupsQuery(search: GroupsSearch) {
  const query = {
    limit: 50,
    sort: search.sort ?? "name",
    ...(search.folder === bin ? { deleted: "true" as const } : search.folder && { folderId: search.folder }),
    ...(search.search && { search: search.search }),
    ...(search.state && { countState: search.state }),
    ...(search.cursor && { cursor: search.cursor }),
  };
  return api.queryOptions("get", "/api/v1/target-groups", { params: { query } });
}

type Change = { readonly [Name in keyof GroupsSearch]?: GroupsSearch[Name] | undefined };

/** What the address says, and a way to change it. Another filter begins at the first page. */
export function useGroupsSearch() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: Change) => {
    const { cursor: _, ...kept } = search;
    const next = Object.entries({ ...kept, ...change }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(next), replace: !("cursor" in change), resetScroll: false });
  };
  return { search, go };
}
