import { z } from "zod";
import type { AccountId } from "../../domain/accounts/account.ts";
import {
  beginAtProvider,
  callbackPath,
  finishAtProvider,
  ProviderRefusedError,
} from "../../domain/accounts/sign-in-by-provider.ts";
import { changeProvider, findProvider, removeProvider } from "../../domain/accounts/sign-in-provider.ts";
import type { Api, RouteOptions } from "../route.ts";
import { line, plain, version } from "../schemas.ts";

const providerBody = z
  .object({
    issuer: z.string(),
    clientId: z.string(),
    isOnlyWay: z.boolean(),
    doesSecondFactor: z.boolean(),
    version: z.number(),
  })
  .meta({ id: "SignInProvider", description: "The client secret is write-only" });
const settings = z.object({
  provider: providerBody.nullable(),
  redirectUri: z.string().meta({ description: "What the provider must be told" }),
  signInAddress: z.string().meta({ description: "Where the account's users sign in by it" }),
});
const input = z.strictObject({
  issuer: line(2048).min(1),
  clientId: line(500).min(1),
  clientSecret: line(2000).min(1).optional(),
  isOnlyWay: z.boolean(),
  doesSecondFactor: z.boolean(),
  version,
});

/** A path of our own pages: never another site's, in whatever spelling. (threat: open redirect) */
function ownPath(text: string | undefined): string {
  const base = "http://own.invalid";
  if (text === undefined || !text.startsWith("/") || !URL.canParse(text, base)) return "/";
  const url = new URL(text, base);
  // "/..//elsewhere" is ours to the parser, and another host's to a browser that is sent to what comes out of it.
  return url.origin === base ? url.pathname.replace(/^\/+/, "/") + url.search + url.hash : "/";
}

/** Signing in by an account's own OpenID Connect provider, and its settings. */
export async function signInProviderRoutes(
  api: Api,
  { app, cookies, limits, loginSyncs }: RouteOptions,
): Promise<void> {
  const { ctx } = app;
  const publicly = { permission: "public" } as const;
  const change = { permission: "account:change" } as const;
  api.get(
    "/account/sign-in-provider",
    {
      config: change,
      schema: { summary: "The account's own way to sign in", tags: ["account"], response: { 200: settings } },
    },
    async ({ account }) => ({
      provider: plain(await findProvider(account)),
      redirectUri: ctx.baseUrl + callbackPath,
      signInAddress: `${ctx.baseUrl}/api/v1/sign-in-provider/${account.accountId}`,
    }),
  );
  api.put(
    "/account/sign-in-provider",
    {
      config: change,
      schema: {
        summary: "Set up or change the account's own way to sign in; it is asked whether it is a provider",
        tags: ["account"],
        body: input,
        response: { 200: providerBody },
      },
    },
    async ({ account, body }) => plain(await changeProvider(account, body)),
  );
  api.delete(
    "/account/sign-in-provider",
    {
      config: change,
      schema: { summary: "Go back to passwords alone", tags: ["account"], response: { 204: z.null() } },
    },
    async ({ account }, reply) => {
      await removeProvider(account);
      return reply.code(204).send(null);
    },
  );
  api.get(
    "/sign-in-provider/callback",
    {
      config: publicly,
      schema: { summary: "Where the provider sends browsers back to", tags: ["sign-in"], response: { 302: z.null() } },
    },
    async (request, reply) => {
      await limits.knock(request.ip);
      const cookie = cookies.attempt(request);
      cookies.clearAttempt(reply);
      try {
        const query = request.url.split("?")[1] ?? "";
        const userAgent = request.headers["user-agent"];
        const { token, user, device, next, goOn } = await finishAtProvider(ctx, { cookie, query, userAgent });
        cookies.setSession(reply, token);
        if (next === "second_factor") return reply.redirect(`/sign-in?step=code&next=${encodeURIComponent(goOn)}`);
        cookies.setDevice(reply, device);
        loginSyncs.begin(user);
        return reply.redirect(goOn);
      } catch (error) {
        return reply.redirect(refusedAddress(error));
      }
    },
  );
  api.get(
    "/sign-in-provider/:accountId",
    {
      config: publicly,
      schema: {
        summary: "Sign in by the account's own provider: a link to give to its users",
        tags: ["sign-in"],
        params: z.object({ accountId: z.uuid() }),
        querystring: z.object({ next: line(2000).optional() }),
        response: { 302: z.null() },
      },
    },
    async (request, reply) => {
      await limits.knock(request.ip);
      try {
        const accountId = request.params.accountId as AccountId;
        const { url, cookie } = await beginAtProvider(ctx, accountId, ownPath(request.query.next));
        cookies.setAttempt(reply, cookie);
        return reply.redirect(url);
      } catch (error) {
        return reply.redirect(refusedAddress(error));
      }
    },
  );
}

/** The sign-in page has a sentence for each word. */
function refusedAddress(error: unknown): string {
  if (error instanceof ProviderRefusedError) return `/sign-in?refused=${error.refusal}`;
  throw error;
}
