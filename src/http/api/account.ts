import { z } from "zod";
import { openTrackings } from "../../domain/accounts/account.ts";
import { changeAccount, getAccount, listAuditEntries } from "../../domain/accounts/change-account.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  id,
  instant,
  limit,
  line,
  lines,
  nextCursor,
  page,
  plain,
  toInstant,
  version,
} from "../schemas.ts";

const values = {
  name: line(200).min(1),
  timeZone: line(100),
  locale: line(35).min(1),
  requiresSecondFactor: z.boolean(),
  senderName: line(200),
  senderAddress: z.union([z.literal(""), line(254).regex(/^[^\s@]+@[^\s@]+$/, "is no e-mail address")]),
  postalAddress: lines(500).meta({ description: "Stands in every mailing; without it nothing is published" }),
  openTracking: z
    .enum(openTrackings)
    .meta({ description: "`off`, `aggregate` (counted, not by whom) or `person`; for mailings published from now on" }),
  valuesKeptDays: z.number().int().min(1).max(3650),
  mailingDetailKeptDays: z.number().int().min(30).max(3650).nullable().meta({
    description: "Opens, clicks and other answers one by one, and who was left out; null: for ever. Reports stay",
  }),
  syncDetailKeptDays: z.number().int().min(30).max(3650).nullable().meta({
    description: "Stories of syncs, rows set aside that came and went, verdicts; null: for ever. Members stay",
  }),
  uploadsKeptDays: z.number().int().min(1).max(30).meta({ description: "Uploaded files that nobody imported" }),
  digestHour: z.number().int().min(0).max(23).meta({ description: "Of the account's own clock" }),
};
export const accountBody = z
  .object({
    id,
    name: z.string(),
    timeZone: z.string(),
    locale: z.string(),
    requiresSecondFactor: z.boolean(),
    senderName: z.string(),
    senderAddress: z.string(),
    postalAddress: z.string(),
    openTracking: z.enum(openTrackings),
    valuesKeptDays: z.number(),
    mailingDetailKeptDays: z.number().nullable(),
    syncDetailKeptDays: z.number().nullable(),
    uploadsKeptDays: z.number(),
    digestHour: z.number(),
    createdAt: instant,
    suspendedAt: instant.nullable(),
    version: z.number(),
  })
  .meta({ id: "Account" });
const entry = z
  .object({
    id,
    at: instant,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });

/** The account's settings, and who changed what in it. */
export async function accountRoutes(api: Api): Promise<void> {
  const tags = ["account"];
  api.get(
    "/account",
    {
      config: { permission: "account:read" },
      schema: { summary: "Account settings", tags, response: { 200: accountBody } },
    },
    async ({ account }) => plain(await getAccount(account)),
  );
  api.put(
    "/account",
    {
      config: { permission: "account:change" },
      schema: {
        summary: "Change the account settings; what is left out stays",
        tags,
        body: z.strictObject(values).partial().extend({ version }),
        response: { 200: accountBody },
      },
    },
    async ({ account, body }) => plain(await changeAccount(account, body)),
  );
  const filter = z.object({
    action: line(100).optional().meta({ description: "Exactly, such as user.invite" }),
    actor: line(300).optional().meta({ description: "Part of the actor's name" }),
    from: instant.optional(),
    to: instant.optional(),
    limit,
    cursor,
  });
  api.get(
    "/audit-entries",
    {
      config: { permission: "audit:read" },
      schema: {
        summary: "Audit log, the latest first",
        tags,
        querystring: filter,
        response: { 200: page(entry) },
      },
    },
    async ({ account, query }) => {
      const found = await listAuditEntries(account, {
        ...query,
        from: toInstant(query.from),
        to: toInstant(query.to),
        after: decodeCursor("audit", query.cursor, z.object({ at: instant, id: z.uuid() })),
      });
      const next = nextCursor("audit", found, query.limit, (last) => ({ at: last.at, id: last.id }));
      return plain({ items: found, next });
    },
  );
}
