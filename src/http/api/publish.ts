import { z } from "zod";
import type { MailingId } from "../../domain/mailings/mailing.ts";
import { findAudience, type MeasuredAudience } from "../../domain/mailings/publish/measure-audience.ts";
import { publishMailing } from "../../domain/mailings/publish/publish-mailing.ts";
import type { Api } from "../route.ts";
import { idParams, instant, line, plain, toInstant } from "../schemas.ts";
import { exclusionCounts, instanceBody } from "./instances.ts";
import { groupBody, presentGroup } from "./target-groups.ts";

const growth = z
  .object({
    people: z.number().meta({ description: "What it is measured against" }),
    now: z.number(),
    source: z.enum(["last_publish", "median", "confirmed"]),
  })
  .meta({ id: "Growth" });
const measuredGroup = groupBody.extend({ members: z.number().meta({ description: "Of a compound, computed now" }) });
const audience = z
  .object({
    to: z.array(measuredGroup),
    notTo: z.array(measuredGroup),
    audience: z.number().meta({ description: "Everybody in the groups to send to" }),
    recipients: z.number(),
    excluded: exclusionCounts.meta({ description: "Who is left out, by the first reason that holds" }),
    growth: growth.nullable().meta({ description: "A growth that must be confirmed to publish" }),
  })
  .meta({ id: "MailingAudience" });

const answer = z
  .object({ answer: z.enum(["published", "found"]), instance: instanceBody })
  .meta({ id: "PublishAnswer" });

function present({ to, notTo, ...counts }: MeasuredAudience) {
  const shown = (groups: MeasuredAudience["to"]) =>
    groups.map(({ group, members }) => ({ ...presentGroup(group), members }));
  return { to: shown(to), notTo: shown(notTo), ...counts };
}

/** Publishing a mailing: whom it would go to, and the one door. (product 4.2) */
export async function publishRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  api.get(
    "/mailings/:id/audience",
    {
      config: { permission: "mailings:read" },
      schema: {
        summary: "Whom a mailing would go to by what is known now, and who is left out",
        tags,
        params: idParams,
        response: { 200: audience },
      },
    },
    async ({ account, params }) => plain(present(await findAudience(account, params.id as MailingId))),
  );
  const publishing = z.strictObject({
    version: z.number().int().meta({ description: "The version you saw; another by now is a conflict" }),
    dueAt: instant.optional().meta({ description: "When it shall begin; left out, now" }),
    recipients: z.number().int().min(0).optional().meta({ description: "How many people you saw that it goes to" }),
    isGrowthConfirmed: z
      .boolean()
      .optional()
      .meta({ description: "Says yes to an audience that has grown: 409 with code `growth` names both numbers" }),
  });
  api.post(
    "/mailings/:id/publish",
    {
      config: { permission: "mailings:publish" },
      schema: {
        summary: "Publish a mailing, now or at a time; a second press finds the first",
        tags,
        params: idParams,
        body: publishing,
        headers: z.object({
          "idempotency-key": line(200)
            .min(1)
            .optional()
            .meta({ description: "Sent again, it finds what it began, even when that is over" }),
        }),
        response: { 200: answer, 202: answer },
      },
    },
    async ({ account, params, body: { dueAt, ...body }, headers }, reply) => {
      const found = await publishMailing(account, params.id as MailingId, {
        ...body,
        dueAt: toInstant(dueAt),
        idempotencyKey: headers["idempotency-key"],
      });
      return reply.code(found.answer === "published" ? 202 : 200).send(plain(found));
    },
  );
}
