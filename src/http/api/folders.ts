import { z } from "zod";
import { listFolders } from "../../domain/syncs/list-folders.ts";
import { requestListSync } from "../../domain/syncs/request-sync.ts";
import { changeFolder, createFolder, deleteFolder, undeleteFolder } from "../../domain/target-groups/change-folder.ts";
import type { FolderId } from "../../domain/target-groups/target-group.ts";
import { NotFoundError } from "../../platform/errors.ts";
import type { Api } from "../route.ts";
import { id, idParams, instant, line, plain, syncAnswer, syncBody, version } from "../schemas.ts";

const folderBody = z
  .object({
    id,
    name: z.string(),
    parentId: id.nullable(),
    bridgeId: id.nullable(),
    groups: z.number().meta({ description: "Groups right in it" }),
    version: z.number(),
    deletedAt: instant.nullable(),
  })
  .meta({ id: "Folder" });
const listedFolder = folderBody
  .extend({
    kind: z.enum(["bridge", "own"]),
    lastListSyncedAt: instant.nullable(),
    openListSync: syncBody.nullable(),
  })
  .meta({ id: "ListedFolder" });
const name = line(200).trim().min(1);

/** Folders of target groups: a tree, told as a list with parents. */
export async function folderRoutes(api: Api): Promise<void> {
  const tags = ["target groups"];
  const change = { permission: "target-groups:change" } as const;
  api.get(
    "/folders",
    {
      config: { permission: "target-groups:read" },
      schema: { summary: "Folders of target groups", tags, response: { 200: z.array(listedFolder) } },
    },
    async ({ account }) => plain(await listFolders(account)),
  );
  api.post(
    "/folders",
    {
      config: { ...change, isRepeatable: true },
      schema: {
        summary: "Make a folder",
        tags,
        body: z.strictObject({ name, parentId: id.nullable().default(null) }),
        response: { 201: folderBody },
      },
    },
    async ({ account, body }, reply) =>
      reply.code(201).send(plain(await createFolder(account, body.name, body.parentId as FolderId | null))),
  );
  api.patch(
    "/folders/:id",
    {
      config: change,
      schema: {
        summary: "Rename or move a folder; what is left out stays",
        tags,
        params: idParams,
        body: z.strictObject({ name: name.optional(), parentId: id.nullable().optional(), version }),
        response: { 200: folderBody },
      },
    },
    async ({ account, params, body }) =>
      plain(
        await changeFolder(account, params.id as FolderId, {
          ...body,
          parentId: body.parentId as FolderId | null | undefined,
        }),
      ),
  );
  api.delete(
    "/folders/:id",
    {
      config: change,
      schema: {
        summary: "Delete an empty folder; it can be brought back",
        tags,
        params: idParams,
        response: { 200: folderBody },
      },
    },
    async ({ account, params }) => plain(await deleteFolder(account, params.id as FolderId)),
  );
  api.post(
    "/folders/:id/undelete",
    {
      config: change,
      schema: { summary: "Bring a deleted folder back", tags, params: idParams, response: { 200: folderBody } },
    },
    async ({ account, params }) => plain(await undeleteFolder(account, params.id as FolderId)),
  );
  api.post(
    "/folders/:id/refresh",
    {
      config: { permission: "list:refresh", isRepeatable: true },
      schema: {
        summary: "Refresh Target Group List (bridge folder)",
        tags,
        params: idParams,
        response: { 202: syncAnswer },
      },
    },
    async ({ account, params }, reply) => {
      const folder = (await listFolders(account)).find(({ id, kind }) => id === params.id && kind === "bridge");
      if (!folder) throw new NotFoundError("bridge folder", params.id);
      return reply
        .code(202)
        .send(plain(await requestListSync(account, { trigger: "folder_refresh", by: account.actor })));
    },
  );
}
