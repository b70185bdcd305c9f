import type { FastifyInstance, FastifyRequest } from "fastify";
import type { App } from "../app.ts";
import { findApiKeyOwner } from "../domain/accounts/api-keys.ts";
import { findSignedIn, type SignedIn } from "../domain/accounts/find-signed-in.ts";
import { isStaffPermission, may, type Permission, type Rights } from "../domain/accounts/permissions.rules.ts";
import { accountSuspended } from "../domain/accounts/sign-in.ts";
import { nameOf } from "../domain/accounts/user.ts";
import { type AccountContext, inAccount } from "../domain/context.ts";
import { ForbiddenError, must } from "../platform/errors.ts";
import { NotSignedInError } from "./problems.ts";
import type { RateLimits } from "./rate-limits.ts";
import { changesSomething, requireSameOrigin } from "./same-origin.ts";
import type { Cookies } from "./session-cookie.ts";

/** Who may call a route: anybody, any session, one that is fully signed in, or who has a permission. */
export type Access = "public" | "session" | "user" | Permission;

declare module "fastify" {
  interface FastifyContextConfig {
    permission?: Access;
  }
  interface FastifyRequest {
    /** The account at hand, on behalf of the caller. Absent on routes that need none. */
    account: AccountContext;
    /** The user's or the API key's id; null on public routes. */
    callerId: string | null;
    /** Of whoever asks, where they are; null on public routes. */
    rights: Rights | null;
    /** Null for an API key, and on public routes. */
    signedIn: SignedIn | null;
  }
}

interface Gate {
  readonly app: App;
  readonly cookies: Cookies;
  readonly limits: RateLimits;
}

/** Makes every route of `api` say who may call it, and holds it to that. */
export function guardRoutes(api: FastifyInstance, gate: Gate): void {
  api.decorateRequest("account", null as never);
  api.decorateRequest("callerId", null);
  api.decorateRequest("rights", null);
  api.decorateRequest("signedIn", null);
  api.addHook("onRoute", ({ method, url, config }) => {
    if (!config?.permission) throw new Error(`${method} ${url} does not say who may call it: config.permission`);
  });
  api.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    await admit(request, gate, must(request.routeOptions.config.permission, "onRoute asked for it"));
  });
}

async function admit(request: FastifyRequest, gate: Gate, access: Access): Promise<void> {
  const { authorization } = request.headers;
  if (access === "public") {
    if (changesSomething(request)) requireSameOrigin(request, gate.app.config);
  } else if (authorization !== undefined) await admitKey(request, gate, access, authorization);
  else await admitSession(request, gate, access);
}

/** @throws NotSignedInError, ForbiddenError, TooManyRequestsError */
async function admitKey(request: FastifyRequest, gate: Gate, access: Access, authorization: string): Promise<void> {
  const { ctx } = gate.app;
  const token = /^Bearer (lsk_[\w-]{20,100})$/.exec(authorization)?.[1];
  const key = token === undefined ? undefined : await findApiKeyOwner(ctx, token);
  if (!key) throw new NotSignedInError();
  await gate.limits.useKey(key.id);
  if (key.isSuspended) throw accountSuspended();
  request.callerId = key.id;
  request.rights = { role: key.role, isStaff: false };
  requirePermission(access, request.rights);
  request.account = inAccount(ctx, key.accountId, `API key ${key.name}`);
}

/** @throws NotSignedInError, ForbiddenError */
async function admitSession(request: FastifyRequest, { app, cookies }: Gate, access: Access): Promise<void> {
  const token = cookies.session(request);
  const signedIn = token === undefined ? undefined : await findSignedIn(app.ctx, token);
  if (!signedIn) throw new NotSignedInError();
  if (changesSomething(request)) requireSameOrigin(request, app.config);
  const { session, user, account } = signedIn;
  request.signedIn = signedIn;
  request.callerId = user.id;
  request.rights = rightsOf(signedIn);
  if (access === "session") return;
  if (session.state !== "signed_in") throw new NotSignedInError();
  if (user.accountId && account?.suspendedAt) throw accountSuspended();
  if (account) request.account = inAccount(app.ctx, account.id, nameOf(user), user.id);
  if (access === "user") return;
  if (signedIn.mustEnrolSecondFactor) {
    throw new ForbiddenError("second_factor_required", "This needs a second factor.", "Set one up in your profile.");
  }
  requirePermission(access, request.rights);
}

/** What somebody may do where they are: staff in an account are its administrators. */
export function rightsOf({ user, account }: SignedIn): Rights {
  const isStaff = user.accountId === null;
  return { isStaff, role: isStaff ? (account ? "administrator" : null) : user.role };
}

function requirePermission(access: Access, rights: Rights): void {
  if (access === "session" || access === "user" || access === "public") {
    throw new ForbiddenError("people_only", "This is for people who sign in, not for API keys.");
  }
  if (may(rights, access)) return;
  if (rights.isStaff && !isStaffPermission(access))
    throw new ForbiddenError("no_account", "You are in no account.", "Enter one first.");
  throw new ForbiddenError("forbidden", `Your role may not do this (${access}).`, "Ask an administrator.");
}

/** The person who asks, on routes for people. */
export function personOf(request: FastifyRequest): SignedIn {
  return must(request.signedIn, "the route is for people who sign in");
}
