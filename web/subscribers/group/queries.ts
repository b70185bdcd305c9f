import { api } from "../../api/client.ts";

/** What Count Details begins with: asked for while the page's code is on its way. */
export const groupQuery = (id: string) =>
  api.queryOptions("get", "/api/v1/target-groups/{id}", { params: { path: { id } } });

export const groupSyncsQuery = (groupId: string) =>
  api.queryOptions("get", "/api/v1/syncs", { params: { query: { groupId, limit: 30 } } });
