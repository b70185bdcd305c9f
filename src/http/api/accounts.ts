import { z } from "zod";
import type { AccountId } from "../../domain/accounts/account.ts";
import { suspendAccount } from "../../domain/accounts/change-account.ts";
import { createAccount } from "../../domain/accounts/create-account.ts";
import { enterAccount, leaveAccount } from "../../domain/accounts/enter-account.ts";
import { nameOf } from "../../domain/accounts/user.ts";
import { listAccountHealth } from "../../domain/bridges/list-account-health.ts";
import { listAccountSyncs } from "../../domain/syncs/last-syncs.ts";
import { syncKinds, syncStates } from "../../domain/syncs/sync.ts";
import { findLastVerification } from "../../domain/syncs/verify-nightly.ts";
import { personOf } from "../access.ts";
import type { Api, RouteOptions } from "../route.ts";
import { id, idParams, instant, line, plain } from "../schemas.ts";
import { accountBody } from "./account.ts";

const listed = accountBody
  .extend({
    bridge: z.enum(["not_set_up", "inactive", "needs_attention", "unreachable", "healthy"]),
    listSyncedAt: instant.nullable(),
    reason: z.string().nullable().meta({ description: "Why the bridge needs attention" }),
    lastSync: z
      .object({
        id,
        kind: z.enum(syncKinds),
        state: z.enum(syncStates),
        finishedAt: instant,
        errorMessage: z.string().nullable(),
      })
      .nullable(),
    held: z.number().meta({ description: "Syncs that wait for a decision" }),
  })
  .meta({ id: "AccountHealth" });

const verification = z.object({
  startedAt: instant,
  finishedAt: instant,
  findings: z
    .array(z.object({ rule: z.string(), message: z.string() }))
    .meta({ description: "Empty when all is well" }),
});

/** For staff: every account of the installation. */
export async function accountsRoutes(api: Api, { app, cookies }: RouteOptions): Promise<void> {
  const { ctx } = app;
  const tags = ["staff"];
  const manage = { permission: "accounts:manage" } as const;
  const enter = { permission: "accounts:enter" } as const;
  api.get(
    "/accounts",
    { config: manage, schema: { summary: "Accounts with their bridges", tags, response: { 200: z.array(listed) } } },
    async () => {
      const syncs = await listAccountSyncs(ctx);
      const none = { lastSync: null, held: 0 };
      const health = await listAccountHealth(ctx);
      return plain(health.map(({ account, ...own }) => ({ ...account, ...own, ...(syncs.get(account.id) ?? none) })));
    },
  );
  api.get(
    "/verification",
    {
      config: manage,
      schema: {
        summary: "What the last nightly check of all data against its own rules found",
        tags,
        response: { 200: z.object({ last: verification.nullable() }) },
      },
    },
    async () => plain({ last: await findLastVerification(ctx) }),
  );
  api.post(
    "/accounts",
    {
      config: manage,
      schema: {
        summary: "Make an account; enter it to invite its administrator",
        tags,
        body: z.strictObject({ name: line(200).min(1), timeZone: line(100) }),
        response: { 201: accountBody },
      },
    },
    async (request, reply) => {
      const { name, timeZone } = request.body;
      const made = await createAccount(ctx, name, timeZone, nameOf(personOf(request).user));
      return reply.code(201).send(plain(made));
    },
  );
  for (const [verb, isSuspended] of [
    ["suspend", true],
    ["resume", false],
  ] as const) {
    const summary = isSuspended ? "Suspend an account: nobody of it signs in" : "Let a suspended account go on";
    api.post(
      `/accounts/:id/${verb}`,
      { config: manage, schema: { summary, tags, params: idParams, response: { 200: accountBody } } },
      async (request) => {
        const actor = nameOf(personOf(request).user);
        return plain(await suspendAccount(ctx, request.params.id as AccountId, isSuspended, actor));
      },
    );
  }
  api.post(
    "/accounts/:id/enter",
    {
      config: enter,
      schema: {
        summary: "Enter an account, as its administrator",
        tags,
        params: idParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      cookies.setSession(reply, await enterAccount(ctx, personOf(request), request.params.id as AccountId));
      return reply.code(204).send(null);
    },
  );
  api.delete(
    "/accounts/entered",
    { config: enter, schema: { summary: "Leave the account", tags, response: { 204: z.null() } } },
    async (request, reply) => {
      cookies.setSession(reply, await leaveAccount(ctx, personOf(request)));
      return reply.code(204).send(null);
    },
  );
}
