import { z } from "zod";
import { changeUser, listUsers, removeSecondFactor, resetUserPassword } from "../../domain/accounts/change-user.ts";
import { inviteUser } from "../../domain/accounts/create-user.ts";
import { roles } from "../../domain/accounts/permissions.rules.ts";
import type { User, UserId } from "../../domain/accounts/user.ts";
import type { Api } from "../route.ts";
import { id, idParams, instant, line, plain } from "../schemas.ts";

const userBody = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    role: z.enum(roles),
    state: z.enum(["invited", "active", "disabled"]),
    hasSecondFactor: z.boolean(),
    createdAt: instant,
    signedInAt: instant.nullable(),
  })
  .meta({ id: "User" });
const delivery = z
  .object({ sentByMail: z.boolean(), url: z.string().nullable() })
  .meta({ id: "LinkDelivery", description: "Where no mail is configured, the link is here, this once: hand it on" });

const present = (user: User) => ({
  ...user,
  role: user.role ?? "viewer",
  state: user.disabledAt ? ("disabled" as const) : user.hasPassword ? ("active" as const) : ("invited" as const),
});

/** The account's users. */
export async function userRoutes(api: Api): Promise<void> {
  const tags = ["users"];
  const config = { permission: "users:manage" } as const;
  api.get(
    "/users",
    { config, schema: { summary: "Users of the account", tags, response: { 200: z.array(userBody) } } },
    async ({ account }) => plain((await listUsers(account)).map(present)),
  );
  api.post(
    "/users",
    {
      config,
      schema: {
        summary: "Invite somebody; they choose a password by a link",
        tags,
        body: z.strictObject({ email: line(254), name: line(200), role: z.enum(roles) }),
        response: { 201: z.object({ user: userBody, invitation: delivery }) },
      },
    },
    async ({ account, body }, reply) => {
      const { user, invitation } = await inviteUser(account, body);
      return reply.code(201).send({ user: plain(present(user)), invitation });
    },
  );
  api.patch(
    "/users/:id",
    {
      config,
      schema: {
        summary: "Change a user's role, or disable or enable the user; their sessions end",
        tags,
        params: idParams,
        body: z.strictObject({ role: z.enum(roles), isDisabled: z.boolean() }).partial(),
        response: { 200: userBody },
      },
    },
    async ({ account, params, body }) => plain(present(await changeUser(account, params.id as UserId, body))),
  );
  api.post(
    "/users/:id/reset-password",
    {
      config,
      schema: { summary: "Give a user a link to a new password", tags, params: idParams, response: { 200: delivery } },
    },
    async ({ account, params }) => resetUserPassword(account, params.id as UserId),
  );
  api.delete(
    "/users/:id/second-factor",
    {
      config,
      schema: { summary: "Remove a lost second factor", tags, params: idParams, response: { 200: userBody } },
    },
    async ({ account, params }) => plain(present(await removeSecondFactor(account, params.id as UserId))),
  );
}
