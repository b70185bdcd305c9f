import { z } from "zod";
import type { ApiKeyId } from "../../domain/accounts/account.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "../../domain/accounts/api-keys.ts";
import { roles } from "../../domain/accounts/permissions.rules.ts";
import type { Api } from "../route.ts";
import { id, idParams, instant, line, plain } from "../schemas.ts";

const keyBody = z
  .object({
    id,
    name: z.string(),
    role: z.enum(roles),
    hint: z.string(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: "ApiKey" });
const newKey = keyBody
  .extend({ token: z.string().meta({ description: "The key itself, shown this once" }) })
  .meta({ id: "NewApiKey" });

/** Keys for programs. */
export async function apiKeyRoutes(api: Api): Promise<void> {
  const tags = ["API keys"];
  const config = { permission: "api-keys:manage" } as const;
  api.get(
    "/api-keys",
    { config, schema: { summary: "API keys, without what is secret", tags, response: { 200: z.array(keyBody) } } },
    async ({ account }) => plain(await listApiKeys(account)),
  );
  api.post(
    "/api-keys",
    {
      config,
      schema: {
        summary: "Make an API key",
        tags,
        body: z.strictObject({ name: line(200).min(1), role: z.enum(roles).default("administrator") }),
        response: { 201: newKey },
      },
    },
    async ({ account, body }, reply) => reply.code(201).send(plain(await createApiKey(account, body.name, body.role))),
  );
  api.delete(
    "/api-keys/:id",
    { config, schema: { summary: "Revoke an API key, at once", tags, params: idParams, response: { 204: z.null() } } },
    async ({ account, params }, reply) => {
      await revokeApiKey(account, params.id as ApiKeyId);
      return reply.code(204).send(null);
    },
  );
}
