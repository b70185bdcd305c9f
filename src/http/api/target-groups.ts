import { z } from "zod";
import { findListedGroup, type ListedGroup, listGroups } from "../../domain/syncs/list-groups.ts";
import { listMembers, listRejectedRows } from "../../domain/syncs/look-back.ts";
import { findNightlyVerdict } from "../../domain/syncs/nightly.ts";
import { requestSubscriberSync } from "../../domain/syncs/request-sync.ts";
import { reasonsOfStep } from "../../domain/syncs/row.rules.ts";
import { syncStates } from "../../domain/syncs/sync.ts";
import { changeGroupGuard } from "../../domain/target-groups/change-groups.ts";
import { type CountStep, countDetails, distinctValid } from "../../domain/target-groups/count-details.rules.ts";
import { groupSorts } from "../../domain/target-groups/list-store.ts";
import type { FolderId, GroupId, TargetGroup } from "../../domain/target-groups/target-group.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  encodeCursor,
  id,
  idParams,
  instant,
  limit,
  line,
  listOf,
  memberBody,
  nextCursor,
  page,
  plain,
  rejectReasons,
  rejectSteps,
  several,
  syncAnswer,
  toInstant,
  version,
  waitBody,
} from "../schemas.ts";

const guardNumber = (least: number, most: number) => z.number().int().min(least).max(most).nullable();
const kinds = z.enum(["bridge", "compound", "static"]);
const countStates = z.enum(["not_yet_counted", "counted", "error"]);
export const groupBody = z
  .object({
    id,
    folderId: id.nullable(),
    kind: kinds,
    name: z.string(),
    queryKey: z.string().nullable(),
    createdAt: instant,
    missingSince: instant.nullable(),
    deletedAt: instant.nullable(),
    version: z.number(),
    countState: countStates,
    countedAt: instant.nullable(),
    guardPercent: guardNumber(0, 100),
    guardMinimum: guardNumber(0, 1e9),
    guardAbsolute: guardNumber(1, 1e9),
    total: z.number(),
    sendable: z.number(),
  })
  .meta({ id: "TargetGroup" });
const listedGroup = groupBody
  .extend({
    lastUsedAt: instant.nullable().meta({ description: "Last instance published to it" }),
    usedIn: z
      .object({ compounds: z.number(), mailings: z.number(), templates: z.number() })
      .meta({ description: "How many compound groups hold it, and mailings and templates name it or went to it" }),
    lastSync: z
      .object({
        id,
        state: z.enum(syncStates),
        finishedAt: instant,
        added: z.number(),
        removed: z.number(),
        errorMessage: z.string().nullable(),
      })
      .nullable(),
    openSync: z
      .object({
        id,
        state: z.enum(syncStates),
        requestedAt: instant,
        waitsFor: waitBody,
        startedAt: instant.nullable(),
        rowsRead: z.number(),
        rowsExpected: z.number().nullable(),
      })
      .nullable(),
    trend: z.array(z.number()).meta({
      description:
        "Members every three days of the last thirty, oldest first: 11 numbers, fewer where the first sync is younger",
    }),
  })
  .meta({ id: "ListedTargetGroup" });
const countStep = z.object({
  step: z.string(),
  label: z.string(),
  people: z.number(),
  sign: z.enum(["total", "minus", "equals"]),
  opens: z.string().nullable().meta({
    description: "The list behind the number, from the group's address on; null where it is all of those below",
  }),
});
/** Where each step's people are listed; the total is the members and the rejected rows together. */
const opens: Record<CountStep, string | null> = {
  total_records: null,
  unusable: "rejected-rows?step=unusable",
  without_address: "rejected-rows?step=without_address",
  malformed_address: "rejected-rows?step=malformed_address",
  duplicate: "rejected-rows?step=duplicate",
  distinct_valid: "members",
  do_not_email: "members?standing=do_not_email",
  unsubscribed: "members?standing=unsubscribed",
  bad_email: "members?standing=bad_email",
  sendable: "members?standing=sendable",
};
const groupDetails = listedGroup.extend({ countDetails: z.array(countStep) }).meta({ id: "TargetGroupDetails" });
const rejectBody = z
  .object({ remoteId: z.string(), email: z.string(), reason: z.enum(rejectReasons), since: id })
  .meta({ id: "RejectedRow" });
const verdict = z
  .object({ isTaken: z.boolean(), reason: z.string(), nextAt: instant.nullable() })
  .meta({ id: "NightlyVerdict" });

export const presentGroup = (group: TargetGroup) => ({
  ...group,
  total: distinctValid(group.counts),
  sendable: group.counts.sendable,
});
const presentListed = ({ group, ...more }: ListedGroup) => ({ ...presentGroup(group), ...more });

/** Target groups, Count Details, members at any moment, and the two buttons. */
export async function targetGroupRoutes(api: Api): Promise<void> {
  const tags = ["target groups"];
  const flag = z.enum(["true", "false"]).transform((text) => text === "true");
  const listQuery = z.object({
    folderId: z.union([id, z.literal("none")]).optional(),
    search: line(200).optional(),
    kind: kinds.optional(),
    countState: countStates.optional(),
    missing: flag.optional(),
    deleted: flag.optional().meta({ description: "Only deleted groups; without it, none of them" }),
    sort: z.enum(groupSorts).default("name"),
    limit,
    cursor,
  });
  api.get(
    "/target-groups",
    {
      config: { permission: "target-groups:read" },
      schema: {
        summary: "Target groups",
        tags,
        querystring: listQuery,
        response: { 200: page(listedGroup).extend({ total: z.number().meta({ description: "On all pages" }) }) },
      },
    },
    async ({ account, query }) => {
      const list = `groups ${query.sort}`;
      const { groups, total } = await listGroups(account, {
        ...query,
        folderId: query.folderId as FolderId | "none" | undefined,
        isMissing: query.missing,
        isDeleted: query.deleted,
        after: decodeCursor(list, query.cursor, z.object({ key: z.string(), id: z.uuid() })),
      });
      const next = nextCursor(list, groups, query.limit, (last) => ({ key: last.key, id: last.group.id }));
      return plain({ items: groups.map(presentListed), next, total });
    },
  );
  api.get(
    "/target-groups/:id",
    {
      config: { permission: "target-groups:read" },
      schema: { summary: "Count Details", tags, params: idParams, response: { 200: groupDetails } },
    },
    async ({ account, params }) => {
      const listed = await findListedGroup(account, params.id as GroupId);
      const chain = countDetails(
        listed.group.counts,
        "netFORUM Pro",
        listed.group.kind === "static" ? "of uploaded files" : undefined,
      );
      return plain({
        ...presentListed(listed),
        countDetails: chain.map((step) => ({ ...step, opens: opens[step.step] })),
      });
    },
  );
  const guard = z.strictObject({
    percent: guardNumber(0, 100),
    minimum: guardNumber(0, 1e9),
    absolute: guardNumber(1, 1e9),
    version,
  });
  api.put(
    "/target-groups/:id/guard",
    {
      config: { permission: "guard:change" },
      schema: {
        summary: "Set the group's own guard; null takes the bridge's",
        tags,
        params: idParams,
        body: guard,
        response: { 200: groupBody },
      },
    },
    async ({ account, params, body }) =>
      plain(presentGroup(await changeGroupGuard(account, params.id as GroupId, body))),
  );
  api.post(
    "/target-groups/:id/resync",
    {
      config: { permission: "syncs:request", isRepeatable: true },
      schema: { summary: "Resync Target Group", tags, params: idParams, response: { 202: syncAnswer } },
    },
    async ({ account, params }, reply) =>
      reply
        .code(202)
        .send(
          plain(await requestSubscriberSync(account, params.id as GroupId, { trigger: "resync", by: account.actor })),
        ),
  );
  api.post(
    "/target-groups/:id/dry-run",
    {
      config: { permission: "syncs:request", isRepeatable: true },
      schema: { summary: "Ask what a resync would change", tags, params: idParams, response: { 202: syncAnswer } },
    },
    async ({ account, params }, reply) =>
      reply
        .code(202)
        .send(
          plain(
            await requestSubscriberSync(
              account,
              params.id as GroupId,
              { trigger: "resync", by: account.actor },
              { dryRun: true },
            ),
          ),
        ),
  );
  const memberQuery = z.object({
    at: instant.optional(),
    standing: memberBody.shape.standing.optional(),
    search: line(320).optional().meta({ description: "Beginnings of words; at a past moment, of the address" }),
    limit,
    cursor,
  });
  api.get(
    "/target-groups/:id/members",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Members, now or at a past moment",
        tags,
        params: idParams,
        querystring: memberQuery,
        response: { 200: page(memberBody) },
      },
    },
    async ({ account, params, query }) => {
      const list = `members ${params.id}`;
      const { members, next } = await listMembers(account, {
        groupId: params.id as GroupId,
        at: toInstant(query.at),
        standing: query.standing,
        search: query.search,
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      return plain({ items: members, next: next === null ? null : encodeCursor(list, next) });
    },
  );
  const reasons = z.enum(rejectReasons);
  const rejectQuery = z.object({
    reason: several(reasons),
    step: z.enum(rejectSteps).optional().meta({ description: "All reasons of a step of Count Details" }),
    limit,
    cursor,
  });
  api.get(
    "/target-groups/:id/rejected-rows",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Rows that can't be used, with their reasons",
        tags,
        params: idParams,
        querystring: rejectQuery,
        response: { 200: page(rejectBody) },
      },
    },
    async ({ account, params, query }) => {
      const list = `rejects ${params.id}`;
      const after = decodeCursor(
        list,
        query.cursor,
        // A digest in a UUID's form, which has no version of UUIDs.
        z.object({ reason: z.string(), remoteId: z.string(), fingerprint: z.guid() }),
      );
      const found = await listRejectedRows(account, {
        groupId: params.id as GroupId,
        reasons: listOf(query.reason) ?? (query.step && reasonsOfStep[query.step]),
        limit: query.limit,
        after,
      });
      const next = nextCursor(list, found, query.limit, (last) => ({
        reason: last.reason,
        remoteId: last.remoteId,
        fingerprint: last.fingerprint,
      }));
      return plain({ items: found, next });
    },
  );
  api.get(
    "/target-groups/:id/nightly",
    {
      config: { permission: "target-groups:read" },
      schema: {
        summary: "Whether the next Nightly Sync takes it, and why",
        tags,
        params: idParams,
        response: { 200: verdict },
      },
    },
    async ({ account, params }) => plain(await findNightlyVerdict(account, params.id as GroupId)),
  );
}
