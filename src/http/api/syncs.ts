import { z } from "zod";
import { applyHeldSync, cancelSync, discardHeldSync } from "../../domain/syncs/decide-sync.ts";
import { exportWouldChanges } from "../../domain/syncs/export-group.ts";
import { findSync, findSyncStory, listSyncs } from "../../domain/syncs/find-syncs.ts";
import { listChanges, listWouldChanges } from "../../domain/syncs/look-back.ts";
import { requestListSync, requestSubscriberSync } from "../../domain/syncs/request-sync.ts";
import { isEnded, type NightlyRunId, type SyncId, syncKinds, syncStates, triggers } from "../../domain/syncs/sync.ts";
import type { GroupId } from "../../domain/target-groups/target-group.ts";
import { sendCsv } from "../csv.ts";
import type { Api, RouteOptions } from "../route.ts";
import {
  csvFile,
  cursor,
  decodeCursor,
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
  several,
  syncAnswer,
  syncBody,
  toInstant,
} from "../schemas.ts";
import { streamSync } from "../stream-sync.ts";

const story = z
  .object({
    sync: syncBody,
    events: z.array(z.object({ at: instant, state: z.enum(syncStates), message: z.string() })),
    eventsInAll: z.number().int(),
    requests: z.array(
      z.object({ at: instant, trigger: z.enum(triggers), requestedBy: z.string(), joined: z.boolean() }),
    ),
    requestsInAll: z.number().int(),
  })
  .meta({ id: "SyncStory", description: "`events` are the last 500 lines, `requests` the first 200" });
const request = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("list") }),
  z.strictObject({ kind: z.literal("subscriber"), groupId: id, dryRun: z.boolean().default(false) }),
]);
const wouldChange = z.object({ subscriberId: z.number(), remoteId: z.string().nullable(), email: z.string() });

/** Syncs: asking for one, watching it, deciding about it, looking back at it. */
export async function syncRoutes(api: Api, { feed }: RouteOptions): Promise<void> {
  const tags = ["syncs"];
  api.post(
    "/syncs",
    {
      config: { permission: "syncs:request", isRepeatable: true },
      schema: { summary: "Ask for a sync", tags, body: request, response: { 202: syncAnswer } },
    },
    async ({ account, body }, reply) => {
      const cause = { trigger: "api", by: account.actor } as const;
      const answer =
        body.kind === "list"
          ? await requestListSync(account, cause)
          : await requestSubscriberSync(account, body.groupId as GroupId, cause, body);
      return reply.code(202).send(plain(answer));
    },
  );
  const filter = z.object({
    kind: z.enum(syncKinds).optional(),
    trigger: several(z.enum(triggers)),
    state: several(z.enum(syncStates)),
    groupId: id.optional(),
    subscriberId: z.coerce
      .number()
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ description: "Syncs that brought this person into a group, or took them out" }),
    requestedBy: line(500).optional().meta({ description: "Exactly, as syncs name who asked" }),
    from: instant.optional().meta({ description: "Asked for at or after it" }),
    to: instant.optional().meta({ description: "Asked for before it" }),
    nightlyRunId: id.optional(),
    limit,
    cursor,
  });
  api.get(
    "/syncs",
    {
      config: { permission: "syncs:read" },
      schema: { summary: "Syncs, the latest first", tags, querystring: filter, response: { 200: page(syncBody) } },
    },
    async ({ account, query }) => {
      const after = decodeCursor("syncs", query.cursor, z.object({ requestedAt: instant, id: z.uuid() }));
      const found = await listSyncs(account, {
        ...query,
        triggers: listOf(query.trigger),
        states: listOf(query.state),
        from: toInstant(query.from),
        to: toInstant(query.to),
        groupId: query.groupId as GroupId | undefined,
        nightlyRunId: query.nightlyRunId as NightlyRunId | undefined,
        after,
      });
      const next = nextCursor("syncs", found, query.limit, (last) => ({ requestedAt: last.requestedAt, id: last.id }));
      return plain({ items: found, next });
    },
  );
  api.get(
    "/syncs/:id",
    {
      config: { permission: "syncs:read" },
      schema: { summary: "One sync with its story", tags, params: idParams, response: { 200: story } },
    },
    async ({ account, params }) => plain(await findSyncStory(account, params.id as SyncId)),
  );
  const decisions = { cancel: cancelSync, apply: applyHeldSync, discard: discardHeldSync };
  const summaries = {
    cancel: "Cancel a waiting or running sync",
    apply: "Apply a held sync",
    discard: "Discard a held sync",
  };
  for (const [name, decide] of Object.entries(decisions)) {
    api.post(
      `/syncs/:id/${name}`,
      {
        config: { permission: name === "cancel" ? "syncs:cancel" : "syncs:decide", isRepeatable: true },
        schema: {
          summary: summaries[name as keyof typeof summaries],
          tags,
          params: idParams,
          response: { 200: syncBody },
        },
      },
      async ({ account, params }) => plain(await decide(account, params.id as SyncId)),
    );
  }
  const changeQuery = z.object({ kind: z.enum(["added", "removed"]), limit, cursor });
  api.get(
    "/syncs/:id/changes",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Who was added or removed by a sync",
        tags,
        params: idParams,
        querystring: changeQuery,
        response: { 200: page(memberBody) },
      },
    },
    async ({ account, params, query }) => {
      const list = `changes ${params.id} ${query.kind}`;
      const found = await listChanges(account, {
        syncId: params.id as SyncId,
        kind: query.kind,
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      const next = nextCursor(list, found, query.limit, (last) => last.subscriberId);
      return plain({ items: found, next });
    },
  );
  const wouldKind = z.enum(["added", "removed", "updated"]);
  const wouldQuery = z.object({
    kind: wouldKind,
    search: line(320).optional().meta({ description: "The beginning of an address, or a whole remote ID" }),
    limit,
    cursor,
  });
  api.get(
    "/syncs/:id/difference",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Who would come, go or change by a held sync or a dry run",
        tags,
        params: idParams,
        querystring: wouldQuery,
        response: { 200: page(wouldChange) },
      },
    },
    async ({ account, params, query }) => {
      const list = `difference ${params.id} ${query.kind}`;
      const found = await listWouldChanges(account, {
        syncId: params.id as SyncId,
        kind: query.kind,
        search: query.search,
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      const next = nextCursor(list, found, query.limit, (last) => last.subscriberId);
      return plain({ items: found, next });
    },
  );
  api.get(
    "/syncs/:id/difference.csv",
    {
      config: { permission: "subscribers:export" },
      schema: {
        summary: "Export who would come, go or change by a held sync or a dry run",
        tags,
        params: idParams,
        querystring: z.object({ kind: wouldKind }),
        response: { 200: csvFile },
      },
    },
    async ({ account, params, query }, reply) => {
      const { groupName, columns, rows } = await exportWouldChanges(account, params.id as SyncId, query.kind);
      return sendCsv(reply, `${groupName} would be ${query.kind}`, columns, rows);
    },
  );
  api.get(
    "/syncs/:id/events",
    {
      config: { permission: "syncs:read" },
      schema: {
        summary: "Live: the sync as it changes, as server-sent events, until it ends",
        tags,
        params: idParams,
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const sync = await findSync(request.account, request.params.id as SyncId);
      await streamSync(request, reply, feed, sync.id, {
        read: () => findSync(request.account, sync.id),
        isLast: (now) => isEnded(now.state),
      });
    },
  );
}
