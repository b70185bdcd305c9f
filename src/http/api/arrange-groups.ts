import { z } from "zod";
import { deleteGroups, undeleteGroups } from "../../domain/syncs/delete-groups.ts";
import { changeGroup, moveGroups } from "../../domain/target-groups/change-groups.ts";
import type { FolderId, GroupId } from "../../domain/target-groups/target-group.ts";
import type { Api } from "../route.ts";
import { id, idParams, line, plain, version } from "../schemas.ts";

const ids = z
  .array(id)
  .min(1)
  .max(500)
  .transform((list) => [...new Set(list)] as GroupId[]);
const changed = z.object({ groups: z.number() }).meta({ id: "ChangedGroups", description: "How many groups" });

/** Renaming, moving, deleting target groups, one or many, and bringing them back. */
export async function arrangeGroupRoutes(api: Api): Promise<void> {
  const tags = ["target groups"];
  const config = { permission: "target-groups:change" } as const;
  api.patch(
    "/target-groups/:id",
    {
      config,
      schema: {
        summary: "Rename or move a group; a bridge group keeps its query's name",
        tags,
        params: idParams,
        body: z.strictObject({
          name: line(200).trim().min(1).optional(),
          folderId: id.nullable().optional(),
          version,
        }),
        response: {
          200: z
            .object({ id, name: z.string(), folderId: id.nullable(), version: z.number() })
            .meta({ id: "ArrangedGroup" }),
        },
      },
    },
    async ({ account, params, body }) =>
      plain(
        await changeGroup(account, params.id as GroupId, {
          ...body,
          folderId: body.folderId as FolderId | null | undefined,
        }),
      ),
  );
  api.post(
    "/target-groups/move",
    {
      config,
      schema: {
        summary: "Move groups into a folder; null takes them out of any",
        tags,
        body: z.strictObject({ ids, folderId: id.nullable() }),
        response: { 200: changed },
      },
    },
    async ({ account, body }) => ({ groups: await moveGroups(account, body.ids, body.folderId as FolderId | null) }),
  );
  const many = { delete: deleteGroups, undelete: undeleteGroups };
  for (const [name, act] of Object.entries(many)) {
    const summary = name === "delete" ? "Delete groups; they can be brought back" : "Bring deleted groups back";
    api.post(
      `/target-groups/${name}`,
      { config, schema: { summary, tags, body: z.strictObject({ ids }), response: { 200: changed } } },
      async ({ account, body }) => ({ groups: await act(account, body.ids) }),
    );
  }
  api.delete(
    "/target-groups/:id",
    {
      config,
      schema: { summary: "Delete a group; it can be brought back", tags, params: idParams, response: { 200: changed } },
    },
    async ({ account, params }) => ({ groups: await deleteGroups(account, [params.id as GroupId]) }),
  );
  api.post(
    "/target-groups/:id/undelete",
    { config, schema: { summary: "Bring a deleted group back", tags, params: idParams, response: { 200: changed } } },
    async ({ account, params }) => ({ groups: await undeleteGroups(account, [params.id as GroupId]) }),
  );
}
