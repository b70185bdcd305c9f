import { z } from "zod";
import { exportMembers, exportRejectedRows } from "../../domain/syncs/export-group.ts";
import { findGroupHistory } from "../../domain/syncs/group-history.ts";
import { reasonsOfStep } from "../../domain/syncs/row.rules.ts";
import { findWhy, searchWhy } from "../../domain/syncs/why.ts";
import type { GroupId } from "../../domain/target-groups/target-group.ts";
import { findUsedIn } from "../../domain/target-groups/used-in.ts";
import { InvalidInputError } from "../../platform/errors.ts";
import { sendCsv } from "../csv.ts";
import type { Api } from "../route.ts";
import {
  csvFile,
  id,
  idParams,
  instant,
  line,
  memberBody,
  plain,
  rejectReasons,
  rejectSteps,
  toInstant,
} from "../schemas.ts";

const history = z
  .object({
    points: z
      .array(
        z.object({
          syncId: id,
          at: instant,
          total: z.number(),
          sendable: z.number(),
          added: z.number(),
          removed: z.number(),
        }),
      )
      .meta({ description: "At most 400, oldest first" }),
    syncs: z.number().meta({ description: "Good syncs in the span: more than the points when it was thinned" }),
  })
  .meta({ id: "GroupHistory" });
const usedIn = z
  .object({
    compounds: z.array(z.object({ id, name: z.string(), side: z.enum(["include", "exclude"]), isDirect: z.boolean() })),
    namedBy: z
      .array(
        z.object({
          mailingId: id,
          name: z.string(),
          isTemplate: z.boolean(),
          usedAs: z.enum(["audience", "exclusion"]),
        }),
      )
      .meta({ description: "Mailings and templates that name it and were not published to it: the last 50 changed" }),
    namedByCount: z.number(),
    uses: z
      .array(z.object({ instanceId: id, name: z.string(), usedAs: z.enum(["audience", "exclusion"]), usedAt: instant }))
      .meta({ description: "The latest 50" }),
    useCount: z.number(),
  })
  .meta({ id: "UsedIn" });
const moment = z.object({ syncId: id, at: instant.nullable() }).nullable();
const why = z
  .object({
    subscriberId: z.number().nullable(),
    remoteId: z.string().nullable(),
    email: z.string(),
    verdict: z.enum([
      "sendable",
      "do_not_email",
      "unsubscribed",
      "bad_email",
      "rejected",
      "left",
      "never_in",
      "not_yet_counted",
      "not_included",
      "excluded",
    ]),
    sentence: z.string(),
    reason: z.enum(rejectReasons).nullable(),
    since: moment.meta({ description: "The sync that brought them in, or set the row aside" }),
    left: moment.meta({ description: "The sync by which they left" }),
  })
  .meta({ id: "Why" });

/** What Count Details shows beside the chain: size over time, where it is used, "why not Maria?", exports. */
export async function countDetailsRoutes(api: Api): Promise<void> {
  const tags = ["target groups"];
  const read = { permission: "target-groups:read" } as const;
  const readPeople = { permission: "subscribers:read" } as const;
  const exportPeople = { permission: "subscribers:export" } as const;
  api.get(
    "/target-groups/:id/history",
    {
      config: read,
      schema: {
        summary: "Size over time",
        tags,
        params: idParams,
        querystring: z.object({ from: instant.optional(), to: instant.optional() }),
        response: { 200: history },
      },
    },
    async ({ account, params, query }) => {
      const span = { from: toInstant(query.from), to: toInstant(query.to) };
      return plain(await findGroupHistory(account, params.id as GroupId, span));
    },
  );
  api.get(
    "/target-groups/:id/used-in",
    {
      config: read,
      schema: { summary: "Where the group is used", tags, params: idParams, response: { 200: usedIn } },
    },
    async ({ account, params }) => plain(await findUsedIn(account, params.id as GroupId)),
  );
  api.get(
    "/target-groups/:id/why",
    {
      config: readPeople,
      schema: {
        summary: "Why somebody is in the group or not: one person, or whom a text finds",
        tags,
        params: idParams,
        querystring: z.object({
          subscriberId: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
          search: line(320).optional(),
        }),
        response: { 200: z.object({ people: z.array(why), hasMore: z.boolean() }).meta({ id: "WhyAnswer" }) },
      },
    },
    async ({ account, params, query }) => {
      const group = params.id as GroupId;
      if (query.subscriberId !== undefined)
        return plain({ people: [await findWhy(account, group, query.subscriberId)], hasMore: false });
      if (query.search === undefined)
        throw new InvalidInputError([{ path: "search", message: "say whom: subscriberId or search" }]);
      return plain(await searchWhy(account, group, query.search));
    },
  );
  api.get(
    "/target-groups/:id/members.csv",
    {
      config: exportPeople,
      schema: {
        summary: "Export the members, now with the values that are kept, or at a past moment",
        tags,
        params: idParams,
        querystring: z.object({ standing: memberBody.shape.standing.optional(), at: instant.optional() }),
        response: { 200: csvFile },
      },
    },
    async ({ account, params, query }, reply) => {
      const { group, columns, rows } = await exportMembers(account, params.id as GroupId, {
        standing: query.standing,
        at: toInstant(query.at),
      });
      return sendCsv(reply, `${group.name} members`, columns, rows);
    },
  );
  api.get(
    "/target-groups/:id/rejected-rows.csv",
    {
      config: exportPeople,
      schema: {
        summary: "Export the rows that can't be used",
        tags,
        params: idParams,
        querystring: z.object({ step: z.enum(rejectSteps).optional() }),
        response: { 200: csvFile },
      },
    },
    async ({ account, params, query }, reply) => {
      const reasons = query.step && reasonsOfStep[query.step];
      const { group, columns, rows } = await exportRejectedRows(account, params.id as GroupId, reasons);
      return sendCsv(reply, `${group.name} rejected rows`, columns, rows);
    },
  );
}
