import { z } from "zod";
import { bodyKinds, type MailingId } from "../../domain/mailings/mailing.ts";
import { findVersion, listVersions } from "../../domain/mailings/versions/find-versions.ts";
import { restoreVersion } from "../../domain/mailings/versions/restore-version.ts";
import { contentNames } from "../../domain/mailings/versions/version.rules.ts";
import { keptAs } from "../../domain/mailings/versions/version.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, idParams, instant, limit, nextCursor, page, plain, version } from "../schemas.ts";
import { mailingBody, versionNumber } from "./mailings.ts";

const versionParams = z.object({ id, version: versionNumber });
const lineBody = z
  .object({
    number: z.number().meta({ description: "From 1 on; the highest is what stands in the mailing now" }),
    beganAt: instant,
    savedAt: instant.meta({ description: "Of its last save: saves of one author within ten minutes are one version" }),
    savedBy: z.string(),
    keptAs: z.enum(keptAs),
    restoredFrom: z.number().nullable().meta({ description: "The version that it was brought back from" }),
    subject: z.string(),
    bodyKind: z.enum(bodyKinds),
    bytes: z.number().meta({ description: "Of the body" }),
    changed: z
      .array(z.enum(contentNames))
      .nullable()
      .meta({ description: "What differs from the version before; null for the oldest that is kept" }),
    isCurrent: z.boolean(),
  })
  .meta({ id: "MailingVersionLine" });
const versionBody = lineBody
  .extend(
    mailingBody.pick({
      fromName: true,
      fromAddress: true,
      replyTo: true,
      preheader: true,
      body: true,
      textPart: true,
    }).shape,
  )
  .meta({ id: "MailingVersion" });

/** What stood in a mailing before, and the way back to it. (product 4.1) */
export async function mailingVersionRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  api.get(
    "/mailings/:id/versions",
    {
      config: { permission: "mailings:read" },
      schema: {
        summary: "What stood in a mailing, the latest first, without what was written",
        tags,
        params: idParams,
        querystring: z.object({ cursor, limit }),
        response: { 200: page(lineBody) },
      },
    },
    async ({ account, params, query }) => {
      const after = decodeCursor("mailing-versions", query.cursor, z.number().int().max(2_147_483_647));
      const items = await listVersions(account, params.id as MailingId, { limit: query.limit, after });
      return plain({ items, next: nextCursor("mailing-versions", items, query.limit, (last) => last.number) });
    },
  );
  api.get(
    "/mailings/:id/versions/:version",
    {
      config: { permission: "mailings:read" },
      schema: {
        summary: "One version of a mailing, whole",
        tags,
        params: versionParams,
        response: { 200: versionBody },
      },
    },
    async ({ account, params }) => plain(await findVersion(account, params.id as MailingId, params.version)),
  );
  api.post(
    "/mailings/:id/versions/:version/restore",
    {
      config: { permission: "mailings:write" },
      schema: {
        summary: "Bring back what was written in a version; name, audience and category stay",
        tags,
        params: versionParams,
        body: z.strictObject({ version }),
        response: {
          200: z
            .object({
              mailing: mailingBody,
              undoVersion: z.number().nullable().meta({
                description: "The version of what stood before: restore it to undo. Null where the same stood there",
              }),
            })
            .meta({ id: "RestoredMailing" }),
        },
      },
    },
    async ({ account, params, body }) =>
      plain(await restoreVersion(account, params.id as MailingId, params.version, body.version)),
  );
}
