import { z } from "zod";
import type { SignedIn } from "../../domain/accounts/find-signed-in.ts";
import { endOwnSession, listOwnSessions } from "../../domain/accounts/own-sessions.ts";
import { changeOwnPassword } from "../../domain/accounts/password.ts";
import { permissionsOf } from "../../domain/accounts/permissions.rules.ts";
import { beginSecondFactor, confirmNewSecondFactor } from "../../domain/accounts/second-factor.ts";
import { findProvider } from "../../domain/accounts/sign-in-provider.ts";
import type { SignInProvider } from "../../domain/accounts/sign-in-provider-store.ts";
import type { UserSessionId } from "../../domain/accounts/user.ts";
import { inAccount } from "../../domain/context.ts";
import { personOf, rightsOf } from "../access.ts";
import type { Api, RouteOptions } from "../route.ts";
import { id, idParams, instant, line, plain, secretText } from "../schemas.ts";

const me = z
  .object({
    user: z.object({
      id,
      name: z.string(),
      email: z.string(),
      isStaff: z.boolean(),
      hasSecondFactor: z.boolean(),
    }),
    account: z
      .object({
        id,
        name: z.string(),
        timeZone: z.string(),
        locale: z.string(),
        requiresSecondFactor: z.boolean(),
      })
      .nullable(),
    role: z.string().nullable(),
    permissions: z.array(z.string()),
    providerSignIn: z
      .object({ address: z.string(), isOnlyWay: z.boolean() })
      .nullable()
      .meta({ description: "Where the account's own users sign in by its provider; null where it has none" }),
    isEntered: z.boolean().meta({ description: "Staff, inside an account" }),
    mustEnrolSecondFactor: z.boolean().meta({ description: "Nothing else is possible before" }),
  })
  .meta({ id: "Me" });

function presentMe(person: SignedIn, provider: SignInProvider | null): z.infer<typeof me> {
  const { user, account, session, mustEnrolSecondFactor } = person;
  const rights = rightsOf(person);
  return {
    user: { ...user, isStaff: rights.isStaff },
    account,
    role: rights.role,
    permissions: [...permissionsOf(rights)],
    providerSignIn: provider && {
      address: `/api/v1/sign-in-provider/${person.user.accountId}`,
      isOnlyWay: provider.isOnlyWay,
    },
    isEntered: session.enteredAccountId !== null,
    mustEnrolSecondFactor,
  };
}

/** The person who asks: who they are, what they may do, their second factor and their password. */
export async function meRoutes(api: Api, { app, cookies }: RouteOptions): Promise<void> {
  const { ctx } = app;
  const tags = ["me"];
  const config = { permission: "user" } as const;
  api.get(
    "/me",
    { config, schema: { summary: "Who is signed in, where, and what they may do", tags, response: { 200: me } } },
    async (request) => {
      const person = personOf(request);
      const { accountId, name } = person.user;
      return presentMe(person, accountId && (await findProvider(inAccount(ctx, accountId, name))));
    },
  );
  api.post(
    "/me/second-factor",
    {
      config,
      schema: {
        summary: "Begin to set up a second factor; where there is one, the password is asked for again",
        tags,
        body: z.strictObject({ password: secretText.optional() }).nullish(),
        response: { 200: z.object({ uri: z.string(), secret: z.string() }) },
      },
    },
    async (request) => beginSecondFactor(ctx, personOf(request).user, request.body?.password),
  );
  api.post(
    "/me/second-factor/confirm",
    {
      config,
      schema: {
        summary: "Turn the second factor on by its first code",
        tags,
        body: z.strictObject({ code: line(64) }),
        response: { 200: z.object({ recoveryCodes: z.array(z.string()) }) },
      },
    },
    async (request, reply) => {
      const { token, recoveryCodes } = await confirmNewSecondFactor(ctx, personOf(request), request.body.code);
      cookies.setSession(reply, token);
      return { recoveryCodes: [...recoveryCodes] };
    },
  );
  api.put(
    "/me/password",
    {
      config,
      schema: {
        summary: "Change the own password; other sessions end",
        tags,
        body: z.strictObject({ currentPassword: secretText, newPassword: secretText }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      cookies.setSession(reply, await changeOwnPassword(ctx, personOf(request), request.body));
      return reply.code(204).send(null);
    },
  );
  const session = z
    .object({ id, device: z.string(), createdAt: instant, usedAt: instant, isCurrent: z.boolean() })
    .meta({ id: "OwnSession" });
  api.get(
    "/me/sessions",
    {
      config,
      schema: {
        summary: "The own sessions, the last used first, 500 at most",
        tags,
        response: { 200: z.array(session) },
      },
    },
    async (request) => plain(await listOwnSessions(ctx, personOf(request))),
  );
  api.delete(
    "/me/sessions/:id",
    { config, schema: { summary: "End one of the own sessions", tags, params: idParams, response: { 204: z.null() } } },
    async (request, reply) => {
      const person = personOf(request);
      await endOwnSession(ctx, person, request.params.id as UserSessionId);
      if (request.params.id === person.session.id) cookies.clearSession(reply);
      return reply.code(204).send(null);
    },
  );
}
