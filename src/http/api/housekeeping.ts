import { z } from "zod";
import { removedKinds } from "../../domain/housekeeping/housekeeping.ts";
import { listHousekeeping, requestHousekeeping } from "../../domain/housekeeping/keep-house.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, instant, limit, nextCursor, page, plain } from "../schemas.ts";

const runBody = z
  .object({
    id,
    localDate: z.string().meta({ description: "The night it is for, by the account's calendar" }),
    causedBy: z.string().meta({ description: "`schedule`, or who asked for it" }),
    askedAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    workedMs: z.number(),
    removed: z.partialRecord(z.enum(removedKinds), z.number()).meta({ description: "Rows that went, by kind" }),
    errors: z.record(z.string(), z.string()).meta({ description: "By step; the next run tries again" }),
  })
  .meta({ id: "HousekeepingRun" });

/** What each night removed of what the account doesn't keep. (product 2.5) */
export async function housekeepingRoutes(api: Api): Promise<void> {
  const tags = ["account"];
  api.get(
    "/housekeeping-runs",
    {
      config: { permission: "housekeeping:read" },
      schema: {
        summary: "Housekeeping: what each night removed, the latest first",
        tags,
        querystring: z.object({ limit, cursor }),
        response: { 200: page(runBody) },
      },
    },
    async ({ account, query }) => {
      const after = decodeCursor("housekeeping", query.cursor, z.object({ askedAt: instant, id: z.uuid() }));
      const found = await listHousekeeping(account, { limit: query.limit, after });
      const next = nextCursor("housekeeping", found, query.limit, (last) => ({ askedAt: last.askedAt, id: last.id }));
      return plain({ items: found, next });
    },
  );
  api.post(
    "/housekeeping-runs",
    {
      config: { permission: "housekeeping:run", isRepeatable: true },
      schema: {
        summary: "Remove now what the account doesn't keep; a worker does so within a minute",
        tags,
        response: { 202: runBody },
      },
    },
    async ({ account }, reply) => reply.code(202).send(plain(await requestHousekeeping(account))),
  );
}
