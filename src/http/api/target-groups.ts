import { z } from "zod";
import { listMembers, listRejectedRows } from "../../domain/syncs/look-back.ts";
import { findNightlyVerdict } from "../../domain/syncs/nightly.ts";
import { requestSubscriberSync } from "../../domain/syncs/request-sync.ts";
import { countDetails, distinctValid } from "../../domain/target-groups/count-details.rules.ts";
import { changeGroupGuard, findTargetGroup, listTargetGroups } from "../../domain/target-groups/get-target-group.ts";
import { groupSorts } from "../../domain/target-groups/store.ts";
import type { FolderId, GroupId, TargetGroup } from "../../domain/target-groups/target-group.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  id,
  idParams,
  instant,
  limit,
  memberBody,
  nextCursor,
  page,
  plain,
  syncAnswer,
} from "../schemas.ts";

const guardNumber = (least: number, most: number) => z.number().int().min(least).max(most).nullable();
const groupBody = z
  .object({
    id,
    folderId: id,
    kind: z.enum(["bridge", "compound", "static"]),
    name: z.string(),
    queryKey: z.string().nullable(),
    createdAt: instant,
    missingSince: instant.nullable(),
    countState: z.enum(["not_yet_counted", "counted", "error"]),
    countedAt: instant.nullable(),
    guardPercent: guardNumber(0, 100),
    guardMinimum: guardNumber(0, 1e9),
    guardAbsolute: guardNumber(1, 1e9),
    total: z.number(),
    sendable: z.number(),
  })
  .meta({ id: "TargetGroup" });
const countStep = z.object({
  step: z.string(),
  label: z.string(),
  people: z.number(),
  sign: z.enum(["total", "minus", "equals"]),
});
const groupDetails = groupBody.extend({ countDetails: z.array(countStep) }).meta({ id: "TargetGroupDetails" });
const reasons = [
  "key_missing",
  "key_malformed",
  "flag_malformed",
  "without_address",
  "malformed_address",
  "duplicate_address",
  "duplicate_key",
] as const;
const rejectBody = z
  .object({ remoteId: z.string(), email: z.string(), reason: z.enum(reasons), since: id })
  .meta({ id: "RejectedRow" });
const verdict = z
  .object({ isTaken: z.boolean(), reason: z.string(), nextAt: instant.nullable() })
  .meta({ id: "NightlyVerdict" });

const present = (group: TargetGroup) => ({
  ...group,
  total: distinctValid(group.counts),
  sendable: group.counts.sendable,
});

/** Target groups, Count Details, members at any moment, and the two buttons. */
export async function targetGroupRoutes(api: Api): Promise<void> {
  const tags = ["target groups"];
  const listQuery = z.object({
    folderId: id.optional(),
    search: z.string().max(200).optional(),
    sort: z.enum(groupSorts).default("name"),
    limit,
    cursor,
  });
  api.get(
    "/target-groups",
    {
      config: { permission: "target-groups:read" },
      schema: { summary: "Target groups", tags, querystring: listQuery, response: { 200: page(groupBody) } },
    },
    async ({ account, query }) => {
      const list = `groups ${query.sort}`;
      const after = decodeCursor(list, query.cursor, z.object({ key: z.string(), id: z.uuid() }));
      const found = await listTargetGroups(account, {
        ...query,
        folderId: query.folderId as FolderId | undefined,
        after,
      });
      const next = nextCursor(list, found, query.limit, (last) => ({ key: last.key, id: last.group.id }));
      return plain({ items: found.map(({ group }) => present(group)), next });
    },
  );
  api.get(
    "/target-groups/:id",
    {
      config: { permission: "target-groups:read" },
      schema: { summary: "Count Details", tags, params: idParams, response: { 200: groupDetails } },
    },
    async ({ account, params }) => {
      const group = await findTargetGroup(account, params.id as GroupId);
      return plain({ ...present(group), countDetails: countDetails(group.counts, "netFORUM Pro") });
    },
  );
  const guard = z.strictObject({
    percent: guardNumber(0, 100),
    minimum: guardNumber(0, 1e9),
    absolute: guardNumber(1, 1e9),
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
    async ({ account, params, body }) => plain(present(await changeGroupGuard(account, params.id as GroupId, body))),
  );
  api.post(
    "/target-groups/:id/resync",
    {
      config: { permission: "syncs:request" },
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
      config: { permission: "syncs:request" },
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
    search: z.string().max(320).optional(),
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
      const found = await listMembers(account, {
        groupId: params.id as GroupId,
        at: query.at === undefined ? undefined : Temporal.Instant.from(query.at),
        standing: query.standing,
        search: query.search,
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      const next = nextCursor(list, found, query.limit, (last) => last.subscriberId);
      return plain({ items: found, next });
    },
  );
  const rejectQuery = z.object({ reason: z.enum(reasons).optional(), limit, cursor });
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
        z.object({ reason: z.string(), remoteId: z.string(), fingerprint: z.uuid() }),
      );
      const found = await listRejectedRows(account, {
        groupId: params.id as GroupId,
        reasons: query.reason && [query.reason],
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
