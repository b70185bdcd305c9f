import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { UserId } from "../../domain/accounts/user.ts";
import type { AccountContext } from "../../domain/context.ts";
import { ways } from "../../domain/notices/choices.rules.ts";
import { chooseNotices, getNoticeSettings } from "../../domain/notices/choose.ts";
import { type NoticeType, noticeTypes } from "../../domain/notices/event.rules.ts";
import { NotFoundError } from "../../platform/errors.ts";
import { personOf } from "../access.ts";
import type { Api } from "../route.ts";
import { idParams, plain } from "../schemas.ts";

const way = z.enum(ways).meta({ description: "By a mail of its own, in the daily digest, or not at all" });
// as: one entry for each type
const choices = z.object(Object.fromEntries(noticeTypes.map((type) => [type, way])) as Record<NoticeType, typeof way>);
const settings = z
  .object({
    choices,
    isMailConfigured: z.boolean().meta({ description: "False: this installation sends no mail, so nobody is told" }),
  })
  .meta({ id: "NoticeSettings" });
const chosen = z.strictObject({ choices: choices.partial().strict() });

/** What users are told by mail: their own choice, or an administrator's for them. */
export async function noticeRoutes(api: Api): Promise<void> {
  const tags = ["notices"];
  const own = { permission: "user" } as const;
  const manage = { permission: "users:manage" } as const;
  const read = { summary: "What you are told by mail", tags, response: { 200: settings } };
  const change = { summary: "Choose what you are told by mail; what is left out stays", tags };
  const ownOf = (request: FastifyRequest): readonly [AccountContext, UserId] => {
    const { user } = personOf(request);
    // Staff outside of every account are at hand of none.
    if (!request.account) throw new NotFoundError("user", user.id, "Staff belong to no account: they get no notices.");
    return [request.account, user.id as UserId];
  };
  api.get("/me/notices", { config: own, schema: read }, async (request) =>
    plain(await getNoticeSettings(...ownOf(request))),
  );
  api.put(
    "/me/notices",
    { config: own, schema: { ...change, body: chosen, response: { 200: settings } } },
    async (request) => plain(await chooseNotices(...ownOf(request), request.body.choices)),
  );
  api.get(
    "/users/:id/notices",
    {
      config: manage,
      schema: { summary: "What a user is told by mail", tags, params: idParams, response: { 200: settings } },
    },
    async ({ account, params }) => plain(await getNoticeSettings(account, params.id as UserId)),
  );
  api.put(
    "/users/:id/notices",
    {
      config: manage,
      schema: {
        summary: "Choose what a user is told by mail; what is left out stays",
        tags,
        params: idParams,
        body: chosen,
        response: { 200: settings },
      },
    },
    async ({ account, params, body }) => plain(await chooseNotices(account, params.id as UserId, body.choices)),
  );
}
