import { z } from "zod";
import { bridgeSettings } from "../../domain/bridges/bridge-settings.rules.ts";
import { changeField, listFields } from "../../domain/bridges/change-field.ts";
import { configureBridge } from "../../domain/bridges/configure-bridge.ts";
import { findBridge } from "../../domain/bridges/get-bridge.ts";
import { listOptOutCategories } from "../../domain/bridges/list-opt-out-categories.ts";
import { trySample } from "../../domain/bridges/try-sample.ts";
import { requestListSync } from "../../domain/syncs/request-sync.ts";
import { testConnection } from "../../domain/syncs/test-connection.ts";
import { NotFoundError } from "../../platform/errors.ts";
import type { Api } from "../route.ts";
import { id, instant, plain, syncAnswer, version } from "../schemas.ts";

const bridgeBody = z
  .object({
    id,
    connector: z.string(),
    baseUrl: z.string(),
    userName: z.string(),
    mapping: z.unknown(),
    isActive: z.boolean(),
    settings: z.object(bridgeSettings),
    health: z.object({
      needsAttentionSince: instant.nullable(),
      needsAttentionReason: z.string().nullable(),
      failuresInARow: z.number(),
      probeAt: instant.nullable(),
    }),
    listSyncedAt: instant.nullable(),
    createdAt: instant,
    version: z.number(),
  })
  .meta({ id: "Bridge", description: "The password is write-only" });

const bridgeInput = z
  .strictObject({
    connector: z.string().max(64),
    baseUrl: z.string().max(2048),
    userName: z.string().min(1).max(200),
    password: z.string().min(1).max(1000),
    mapping: z.unknown(),
    isActive: z.boolean(),
    version: z.number().int().meta({ description: "The version you saw; another by now is a conflict" }),
    ...bridgeSettings,
  })
  .partial();

const report = z
  .object({
    ok: z.boolean(),
    steps: z.array(z.object({ title: z.string(), outcome: z.enum(["ok", "failed", "skipped"]), message: z.string() })),
  })
  .meta({ id: "CheckReport" });

const fieldBody = z
  .object({
    name: z.string(),
    dataType: z.string(),
    displayName: z.string(),
    defaultValue: z.string(),
    comment: z.string(),
    isValid: z.boolean(),
    isKept: z.boolean(),
    missingSince: instant.nullable(),
    version: z.number(),
  })
  .meta({ id: "PersonalizationField" });
const fieldInput = z
  .strictObject({
    displayName: z.string().min(1).max(200),
    defaultValue: z.string().max(1000),
    comment: z.string().max(1000),
    isValid: z.boolean(),
    isKept: z.boolean(),
    version,
  })
  .partial();

const categoryBody = z
  .object({ id, name: z.string(), missingSince: instant.nullable() })
  .meta({ id: "OptOutCategory", description: "A kind of mailing that people can opt out of in the AMS" });

/** The bridge and its fields. */
export async function bridgeRoutes(api: Api): Promise<void> {
  api.get(
    "/bridge",
    {
      config: { permission: "bridge:read" },
      schema: { summary: "Bridge Configuration", tags: ["bridge"], response: { 200: bridgeBody } },
    },
    async ({ account }) => {
      const bridge = await findBridge(account);
      if (!bridge) throw new NotFoundError("bridge", account.accountId, "Set one up: PUT /api/v1/bridge.");
      return plain(bridge);
    },
  );
  api.put(
    "/bridge",
    {
      config: { permission: "bridge:change" },
      schema: {
        summary: "Set up or change the bridge",
        tags: ["bridge"],
        body: bridgeInput,
        response: { 200: bridgeBody },
      },
    },
    async ({ account, body }) => plain(await configureBridge(account, body)),
  );
  api.post(
    "/bridge/sample",
    {
      config: { permission: "bridge:change", isRepeatable: true },
      schema: {
        summary: "Try it with sample data: connects an account without a bridge to the operator's simulator",
        tags: ["bridge"],
        response: { 200: bridgeBody },
      },
    },
    async ({ account }) => plain(await trySample(account)),
  );
  api.post(
    "/bridge/test",
    {
      config: { permission: "bridge:test" },
      schema: { summary: "Test connection", tags: ["bridge"], response: { 200: report } },
    },
    async ({ account }) => plain(await testConnection(account, AbortSignal.timeout(60_000))),
  );
  api.post(
    "/bridge/refresh",
    {
      config: { permission: "list:refresh", isRepeatable: true },
      schema: {
        summary: "Refresh Target Group List (Bridge Configuration)",
        tags: ["bridge"],
        response: { 202: syncAnswer },
      },
    },
    async ({ account }, reply) =>
      reply.code(202).send(plain(await requestListSync(account, { trigger: "bridge_refresh", by: account.actor }))),
  );
  const mappingBody = z.object({
    mapping: z.unknown().meta({ description: "The connector's own form; see the default" }),
    isDefault: z.boolean(),
  });
  api.get(
    "/bridge/mapping",
    {
      config: { permission: "bridge:read" },
      schema: { summary: "Operation mapping", tags: ["bridge"], response: { 200: mappingBody } },
    },
    async ({ account }) => {
      const bridge = await findBridge(account);
      const connector = account.connectors.get(bridge?.connector ?? "netforum-pro");
      return {
        mapping: bridge?.mapping ?? connector?.defaultMapping ?? null,
        isDefault: (bridge?.mapping ?? null) === null,
      };
    },
  );
  api.put(
    "/bridge/mapping",
    {
      config: { permission: "bridge:change" },
      schema: {
        summary: "Change the operation mapping; null takes the default",
        tags: ["bridge"],
        body: z.strictObject({ mapping: z.unknown(), version }),
        response: { 200: bridgeBody },
      },
    },
    async ({ account, body }) =>
      plain(await configureBridge(account, { mapping: body.mapping ?? null, version: body.version })),
  );
  api.get(
    "/personalization-fields",
    {
      config: { permission: "bridge:read" },
      schema: { summary: "Personalization fields", tags: ["bridge"], response: { 200: z.array(fieldBody) } },
    },
    async ({ account }) => plain(await listFields(account)),
  );
  api.patch(
    "/personalization-fields/:name",
    {
      config: { permission: "fields:change" },
      schema: {
        summary: "Change a personalization field",
        tags: ["bridge"],
        params: z.object({ name: z.string().max(64) }),
        body: fieldInput,
        response: { 200: fieldBody },
      },
    },
    async ({ account, params, body }) => plain(await changeField(account, params.name, body)),
  );
  api.get(
    "/opt-out-categories",
    {
      config: { permission: "bridge:read" },
      schema: {
        summary: "Opt-out categories of the AMS; none where it doesn't offer them",
        tags: ["bridge"],
        response: { 200: z.array(categoryBody) },
      },
    },
    async ({ account }) => plain(await listOptOutCategories(account)),
  );
}
