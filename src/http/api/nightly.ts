import { z } from "zod";
import { findNightlyRun, listNightlyRuns, previewNightly, startNightly } from "../../domain/syncs/nightly.ts";
import type { NightlyRunId } from "../../domain/syncs/sync.ts";
import { must, NotFoundError } from "../../platform/errors.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, idParams, instant, limit, nextCursor, page, plain } from "../schemas.ts";

export const runBody = z
  .object({
    id,
    localDate: z.string(),
    dueAt: instant,
    startedAt: instant,
    judgedAt: instant,
    causedBy: z.string(),
    state: z.enum(["listing", "syncing", "done"]),
    finishedAt: instant.nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: "NightlyRun" });
const verdict = z.object({ groupId: id, groupName: z.string(), isTaken: z.boolean(), reason: z.string() });

/** The Nightly Sync: its last runs, what one took and why, what the next would take, and one on demand. */
export async function nightlyRoutes(api: Api): Promise<void> {
  const tags = ["nightly"];
  api.get(
    "/nightly-runs",
    {
      config: { permission: "nightly:read" },
      schema: {
        summary: "Runs, the latest first",
        tags,
        querystring: z.object({ limit, cursor }),
        response: { 200: page(runBody) },
      },
    },
    async ({ account, query }) => {
      const after = decodeCursor("nights", query.cursor, z.object({ startedAt: instant, id: z.uuid() }));
      const found = await listNightlyRuns(account, { limit: query.limit, after });
      const next = nextCursor("nights", found, query.limit, (last) => ({ startedAt: last.startedAt, id: last.id }));
      return plain({ items: found, next });
    },
  );
  const at = z.object({ at: instant.optional() });
  api.get(
    "/nightly-runs/preview",
    {
      config: { permission: "nightly:read" },
      schema: {
        summary: "What a Nightly Sync would take, and why",
        tags,
        querystring: at,
        response: { 200: z.array(verdict) },
      },
    },
    async ({ account, query }) =>
      plain(
        await previewNightly(account, query.at === undefined ? account.clock.now() : Temporal.Instant.from(query.at)),
      ),
  );
  api.post(
    "/nightly-runs",
    {
      config: { permission: "nightly:run", isRepeatable: true },
      schema: { summary: "Run the Nightly Sync now", tags, response: { 202: runBody } },
    },
    async ({ account }, reply) =>
      reply.code(202).send(plain(must(await startNightly(account), "a run on demand always starts"))),
  );
  const details = runBody.extend({
    verdicts: z.array(verdict.extend({ syncId: id.nullable(), state: z.string().nullable() })),
  });
  api.get(
    "/nightly-runs/:id",
    {
      config: { permission: "nightly:read" },
      schema: { summary: "One run: every group with its verdict", tags, params: idParams, response: { 200: details } },
    },
    async ({ account, params }) => {
      const found = await findNightlyRun(account, params.id as NightlyRunId);
      if (!found) throw new NotFoundError("nightly run", params.id);
      return plain({ ...found.run, verdicts: found.verdicts });
    },
  );
}
