import { z } from "zod";
import {
  changeCompound,
  createCompound,
  findComposition,
  type MeasuredComposition,
  measureComposition,
} from "../../domain/target-groups/compose-group.ts";
import { mostParts } from "../../domain/target-groups/compound.rules.ts";
import type { FolderId, GroupId, TargetGroup } from "../../domain/target-groups/target-group.ts";
import type { Api } from "../route.ts";
import { id, idParams, line, plain, version } from "../schemas.ts";
import { groupBody, presentGroup } from "./target-groups.ts";

const parts = z
  .strictObject({
    isAll: z.boolean().meta({ description: "In all of these groups; otherwise in one or more of them" }),
    of: z
      .array(id)
      .max(mostParts)
      .transform((list) => [...new Set(list)] as GroupId[]),
  })
  .meta({ id: "PartList" });
const composition = z.strictObject({ include: parts, exclude: parts });
const partList = z.object({ isAll: z.boolean(), of: z.array(id) });
const people = z.object({
  total: z.number(),
  doNotEmail: z.number(),
  unsubscribed: z.number(),
  badEmail: z.number(),
  sendable: z.number(),
});
const measured = z
  .object({
    include: partList,
    exclude: partList,
    members: people,
    parts: z
      .array(groupBody.extend({ members: z.number().meta({ description: "Of a compound, computed now" }) }))
      .meta({
        description: "Include's groups, then Exclude's",
      }),
    regions: z
      .array(z.object({ parts: z.array(z.number()), people: z.number(), isMember: z.boolean() }))
      .meta({ description: "People who are in exactly these of the parts, by place; the 15 largest" }),
    regionCount: z.number(),
  })
  .meta({ id: "Composition" });

function present({ composition, members, parts, ...regions }: MeasuredComposition) {
  const { doNotEmail, unsubscribed, badEmail, sendable } = members;
  return {
    ...composition,
    members: { ...members, total: doNotEmail + unsubscribed + badEmail + sendable },
    parts: parts.map(({ group, members }) => ({ ...presentGroup(group), members })),
    ...regions,
  };
}

/** Compound groups: made of others by an Include and an Exclude list, and computed when looked at. (product 3.1) */
export async function compoundRoutes(api: Api): Promise<void> {
  const tags = ["target groups"];
  const read = { permission: "target-groups:read" } as const;
  const change = { permission: "target-groups:change" } as const;
  const name = line(200).trim().min(1);
  const arranged = (group: TargetGroup) => plain(presentGroup(group));
  api.post(
    "/target-groups/compounds",
    {
      config: { ...change, isRepeatable: true },
      schema: {
        summary: "Make a compound group",
        tags,
        body: composition.extend({ name, folderId: id.nullable().default(null) }),
        response: { 201: groupBody },
      },
    },
    async ({ account, body: { name, folderId, ...lists } }, reply) =>
      reply
        .code(201)
        .send(
          arranged(await createCompound(account, { name, folderId: folderId as FolderId | null, composition: lists })),
        ),
  );
  api.post(
    "/target-groups/compose",
    {
      config: read,
      schema: {
        summary: "What a compound group would come to; nothing is kept",
        tags,
        body: composition.extend({
          groupId: id.nullable().default(null).meta({ description: "The group that would be changed" }),
        }),
        response: { 200: measured },
      },
    },
    async ({ account, body: { groupId, ...lists } }) =>
      plain(present(await measureComposition(account, lists, groupId as GroupId | null))),
  );
  api.get(
    "/target-groups/:id/composition",
    {
      config: read,
      schema: {
        summary: "What a compound group is made of and comes to, computed now",
        tags,
        params: idParams,
        response: { 200: measured },
      },
    },
    async ({ account, params }) => plain(present(await findComposition(account, params.id as GroupId))),
  );
  api.put(
    "/target-groups/:id/composition",
    {
      config: change,
      schema: {
        summary: "Change a compound group's name and lists",
        tags,
        params: idParams,
        body: composition.extend({ name, version }),
        response: { 200: groupBody },
      },
    },
    async ({ account, params, body: { name, version, ...lists } }) =>
      arranged(await changeCompound(account, params.id as GroupId, { name, version, composition: lists })),
  );
}
