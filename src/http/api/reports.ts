import { z } from "zod";
import { instanceStates } from "../../domain/mailings/instance.ts";
import type { InstanceId } from "../../domain/mailings/mailing.ts";
import { recipientStates } from "../../domain/mailings/recipient.ts";
import { answers } from "../../domain/mailings/report/answer-store.ts";
import { type Compared, compareInstances, listLatest } from "../../domain/mailings/report/compare-instances.ts";
import {
  exportLeftOut,
  exportLinks,
  exportRecipients,
  type ReportExport,
} from "../../domain/mailings/report/export-report.ts";
import { findReport, findReportPart } from "../../domain/mailings/report/find-report.ts";
import { findLinkMap } from "../../domain/mailings/report/link-map.ts";
import { listAnswering, listPersonMailings } from "../../domain/mailings/report/list-answers.ts";
import { sendCsv } from "../csv.ts";
import { sendFramed } from "../framed-mail.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, idParams, instant, limit, line, nextCursor, page, plain } from "../schemas.ts";
import { exclusionCounts, instanceBody } from "./instances.ts";

const people = z.object({
  recipients: z.number(),
  delivered: z.number(),
  bounced: z.number(),
  opened: z.number().nullable().meta({ description: "An estimate; null unless opens are tracked by person" }),
  clicked: z.number(),
  unsubscribed: z.number(),
  complained: z.number(),
});
const totals = people
  .extend({
    waiting: z.number(),
    bouncedBy: z.object({
      hard: z.number(),
      soft: z.number(),
      policy: z.number(),
      content: z.number(),
      unknown: z.number(),
    }),
    refused: z.number(),
    unsure: z.number(),
    cancelled: z.number(),
    opens: z.number().nullable().meta({ description: "How often; null where opens aren't tracked" }),
    clicks: z.number(),
    automatic: z.object({ opens: z.number(), clicks: z.number() }).meta({ description: "By scanners and proxies" }),
  })
  .meta({ id: "ReportTotals" });
const countedAt = instant.meta({
  description: "Large publishings are counted anew while anything changes, at most once a minute",
});
const report = z
  .object({ instance: instanceBody, exclusions: exclusionCounts, totals, countedAt })
  .meta({ id: "Report" });
const bucket = z.object({ at: instant, opens: z.number(), clicks: z.number(), automatic: z.number() });
const link = z.object({
  place: z.number(),
  url: z.string(),
  label: z.string(),
  clicks: z.number(),
  people: z.number(),
  automatic: z.number(),
});
const domain = people.extend({ domain: z.string().nullable().meta({ description: "Null: all others together" }) });
const group = people.extend({ groupId: id, name: z.string() });
const compared = z.object({ instance: instanceBody, totals }).meta({ id: "ComparedInstance" });
const recipient = z
  .object({
    place: z.number(),
    subscriberId: z.number(),
    email: z.string(),
    state: z.enum(recipientStates),
    sentAt: instant.nullable(),
    bouncedAt: instant.nullable(),
    bounceKind: z.string().nullable(),
    reason: z.string().nullable().meta({ description: "Why it bounced or was refused" }),
    openedAt: instant.nullable().meta({ description: "Null unless opens are tracked by person" }),
    clickedAt: instant.nullable(),
    unsubscribedAt: instant.nullable(),
    complainedAt: instant.nullable(),
  })
  .meta({ id: "ReportRecipient" });
const personMailing = recipient
  .omit({ place: true, subscriberId: true, email: true })
  .extend({
    instanceId: id,
    name: z.string(),
    instanceState: z.enum(instanceStates),
    sendingAt: instant.nullable(),
    links: z.array(z.string()).meta({ description: "What they clicked, each once; at most 10" }),
  })
  .meta({ id: "PersonMailing" });
const answerQuery = z.object({
  answer: z.enum(answers).optional(),
  search: line(320).optional().meta({ description: "The beginning of an address" }),
});
const file = { content: { "text/csv": { schema: z.string() } }, description: "The list as a CSV file" };
const searchOf = (text: string | undefined) => text?.trim().toLowerCase() || undefined;
const presentCompared = (list: readonly Compared[]) => plain({ items: list });

/** What came of a publishing: numbers, lines, lists, comparisons and files. (product 4.6) */
export async function reportRoutes(api: Api): Promise<void> {
  const tags = ["reports"];
  const read = { permission: "mailings:read" } as const;
  const readPeople = { permission: "subscribers:read" } as const;
  const exportPeople = { permission: "subscribers:export" } as const;
  const idOf = (params: { id: string }) => params.id as InstanceId;
  api.get(
    "/instances/:id/report",
    {
      config: read,
      schema: {
        summary: "What came of a publishing, in numbers",
        tags,
        params: idParams,
        response: { 200: report },
      },
    },
    async ({ account, params }) => {
      const { counts, ...found } = await findReport(account, idOf(params));
      return plain({ ...found, totals: counts });
    },
  );
  api.get(
    "/instances/:id/report/over-time",
    {
      config: read,
      schema: {
        summary: "Opens and clicks in each hour (of 72) or day (of 60), in the account's zone",
        tags,
        params: idParams,
        querystring: z.object({ by: z.enum(["hour", "day"]).default("hour") }),
        response: { 200: z.object({ countedAt, items: z.array(bucket) }) },
      },
    },
    async ({ account, params, query }) => {
      const { counts, countedAt } = await findReportPart(account, idOf(params), query.by === "hour" ? "hours" : "days");
      return plain({ countedAt, items: counts });
    },
  );
  api.get(
    "/instances/:id/report/link-map.html",
    {
      config: read,
      schema: {
        summary:
          "The mail as it was sent, with each link's clicks beside it, as a page for a frame: nothing in it runs",
        tags,
        params: idParams,
        response: { 200: z.string() },
      },
    },
    async ({ account, params }, reply) => {
      const { html, style } = await findLinkMap(account, idOf(params));
      return sendFramed(reply, html, style);
    },
  );
  const parts = [
    ["links", "Clicks by link, those that most people clicked first", link],
    ["domains", "By domain of the address: the 20 with most recipients, and all others", domain],
    ["groups", "By target group of the audience; who is in several counts in each", group],
  ] as const;
  for (const [part, summary, item] of parts)
    api.get(
      `/instances/:id/report/${part}`,
      {
        config: read,
        schema: {
          summary,
          tags,
          params: idParams,
          response: { 200: z.object({ countedAt, items: z.array(item as z.ZodType) }) },
        },
      },
      async ({ account, params }) => {
        const { counts, countedAt } = await findReportPart(account, idOf(params), part);
        return plain({ countedAt, items: counts });
      },
    );
  api.get(
    "/instances/:id/report/compare",
    {
      config: read,
      schema: {
        summary: "A publishing and the five that went out before it",
        tags,
        params: idParams,
        response: { 200: z.object({ items: z.array(compared) }) },
      },
    },
    async ({ account, params }) => presentCompared(await compareInstances(account, idOf(params))),
  );
  api.get(
    "/latest-reports",
    {
      config: read,
      schema: {
        summary: "Numbers of the latest publishings that went out, the latest first",
        tags,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(24).default(12) }),
        response: { 200: z.object({ items: z.array(compared) }) },
      },
    },
    async ({ account, query }) => presentCompared(await listLatest(account, query.limit)),
  );
  api.get(
    "/instances/:id/report/recipients",
    {
      config: readPeople,
      schema: {
        summary: "Recipients with what they got and did",
        tags,
        params: idParams,
        querystring: answerQuery.extend({ limit, cursor }),
        response: { 200: page(recipient) },
      },
    },
    async ({ account, params, query }) => {
      const list = `answers ${params.id}`;
      const found = await listAnswering(account, idOf(params), {
        answer: query.answer,
        search: searchOf(query.search),
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.int()),
      });
      return plain({ items: found, next: nextCursor(list, found, query.limit, ({ place }) => place) });
    },
  );
  const files: readonly (readonly [
    string,
    string,
    (
      account: Parameters<typeof exportLinks>[0],
      id: InstanceId,
      query: z.infer<typeof answerQuery>,
    ) => Promise<ReportExport>,
  ])[] = [
    [
      "recipients",
      "Export recipients with what they got and did",
      (account, of, query) => exportRecipients(account, of, { answer: query.answer, search: searchOf(query.search) }),
    ],
    ["left-out", "Export who was left out, and why", (account, of) => exportLeftOut(account, of)],
    ["links", "Export links with their clicks", (account, of) => exportLinks(account, of)],
  ];
  for (const [name, summary, take] of files)
    api.get(
      `/instances/:id/report/${name}.csv`,
      {
        config: exportPeople,
        schema: { summary, tags, params: idParams, querystring: answerQuery, response: { 200: file } },
      },
      async ({ account, params, query }, reply) => {
        const { name, columns, rows } = await take(account, idOf(params), query);
        return sendCsv(reply, name, columns, rows);
      },
    );
  api.get(
    "/subscribers/:id/mailings",
    {
      config: readPeople,
      schema: {
        summary: "What was sent to a person, and what they did with it; the latest first",
        tags: ["subscribers"],
        params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
        querystring: z.object({ limit, cursor }),
        response: { 200: page(personMailing) },
      },
    },
    async ({ account, params, query }) => {
      const list = `mailings of ${params.id}`;
      const found = await listPersonMailings(account, params.id, {
        limit: query.limit,
        after: decodeCursor(list, query.cursor, z.uuid()),
      });
      return plain({ items: found, next: nextCursor(list, found, query.limit, ({ instanceId }) => instanceId) });
    },
  );
}
