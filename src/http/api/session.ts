import { z } from "zod";
import { findSignedIn, signOut, signOutEverywhere } from "../../domain/accounts/find-signed-in.ts";
import { confirmPasswordLink } from "../../domain/accounts/password.ts";
import { requestPasswordReset } from "../../domain/accounts/password-link.ts";
import { isSetUpNeeded, setUp } from "../../domain/accounts/set-up.ts";
import { beginSession, confirmSecondFactor, type SignInAnswer, signIn } from "../../domain/accounts/sign-in.ts";
import { emailKeyOf } from "../../domain/accounts/user.ts";
import { personOf } from "../access.ts";
import type { Api, RouteOptions } from "../route.ts";
import { line, secretText } from "../schemas.ts";

const tags = ["sign-in"];
const answer = z.object({ next: z.enum(["done", "second_factor"]) });
const code = z.strictObject({ code: line(64) });

/** Signing in and out, the first account, and the way back in. */
export async function sessionRoutes(api: Api, { app, cookies, limits, loginSyncs }: RouteOptions): Promise<void> {
  const { ctx } = app;
  const publicly = { permission: "public" } as const;
  const letIn = (reply: Parameters<typeof cookies.setSession>[0], { next, token, user, device }: SignInAnswer) => {
    cookies.setSession(reply, token);
    if (next === "done") {
      cookies.setDevice(reply, device);
      loginSyncs.begin(user);
    }
    return { next };
  };
  api.get(
    "/setup",
    {
      config: publicly,
      schema: {
        summary: "Whether the first account is still to be made",
        tags,
        response: { 200: z.object({ isNeeded: z.boolean() }) },
      },
    },
    async () => ({ isNeeded: await isSetUpNeeded(ctx) }),
  );
  const setup = z.strictObject({
    accountName: line(200),
    timeZone: line(100),
    name: line(200),
    email: line(254),
    password: secretText,
  });
  api.post(
    "/setup",
    {
      config: publicly,
      schema: {
        summary: "Make the first account and its administrator, who is signed in by it",
        tags,
        body: setup,
        response: { 201: answer },
      },
    },
    async ({ body, ip, headers }, reply) => {
      await limits.knock(ip);
      const user = await setUp(ctx, body);
      return reply.code(201).send(letIn(reply, await beginSession(ctx, user, { userAgent: headers["user-agent"] })));
    },
  );
  api.post(
    "/session",
    {
      config: publicly,
      schema: {
        summary: "Sign in",
        tags,
        body: z.strictObject({ email: line(320), password: secretText }),
        response: { 200: answer },
      },
    },
    async (request, reply) => {
      await limits.knock(request.ip);
      const signedIn = await signIn(ctx, {
        ...request.body,
        device: cookies.device(request),
        userAgent: request.headers["user-agent"],
      });
      // A session that this browser had before ends: it may be somebody else's.
      const before = cookies.session(request);
      const earlier = before === undefined ? undefined : await findSignedIn(ctx, before);
      if (earlier) await signOut(ctx, earlier);
      return letIn(reply, signedIn);
    },
  );
  api.post(
    "/session/second-factor",
    {
      config: { permission: "session" },
      schema: { summary: "Second step: a code, or a recovery code", tags, body: code, response: { 200: answer } },
    },
    async (request, reply) => {
      await limits.knock(request.ip);
      const person = personOf(request);
      if (person.session.state === "signed_in") return { next: "done" as const };
      return letIn(reply, await confirmSecondFactor(ctx, person, request.body.code));
    },
  );
  api.delete(
    "/session",
    { config: { permission: "session" }, schema: { summary: "Sign out", tags, response: { 204: z.null() } } },
    async (request, reply) => {
      await signOut(ctx, personOf(request));
      cookies.clearSession(reply);
      return reply.code(204).send(null);
    },
  );
  api.delete(
    "/sessions",
    { config: { permission: "user" }, schema: { summary: "Sign out everywhere", tags, response: { 204: z.null() } } },
    async (request, reply) => {
      await signOutEverywhere(ctx, personOf(request));
      cookies.clearSession(reply);
      return reply.code(204).send(null);
    },
  );
  api.post(
    "/password-reset",
    {
      config: publicly,
      schema: {
        summary: "Ask for a link to a new password; the answer is the same for every address",
        tags,
        body: z.strictObject({ email: line(320) }),
        response: { 202: z.object({ sendsMail: z.boolean(), message: z.string() }) },
      },
    },
    async ({ body, ip }, reply) => {
      await limits.knock(ip);
      const sendsMail = ctx.mail !== null;
      if (sendsMail && (await limits.mayMail(emailKeyOf(body.email)))) await requestPasswordReset(ctx, body.email);
      return reply.code(202).send({
        sendsMail,
        message: sendsMail
          ? "If somebody signs in with this address, a link is on its way to it."
          : "This installation sends no mail: an administrator of your account can give you a new password.",
      });
    },
  );
  api.post(
    "/password-reset/confirm",
    {
      config: publicly,
      schema: {
        summary: "Choose a new password by a link, or the first one by an invitation",
        tags,
        body: z.strictObject({ token: line(200), password: secretText }),
        response: { 204: z.null() },
      },
    },
    async ({ body, ip }, reply) => {
      await limits.knock(ip);
      await confirmPasswordLink(ctx, body.token, body.password);
      return reply.code(204).send(null);
    },
  );
}
