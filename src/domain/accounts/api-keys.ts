import { InvalidInputError, NotFoundError } from "../../platform/errors.ts";
import { isId, newId } from "../../platform/ids.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import type { AccountContext, Context } from "../context.ts";
import type { ApiKey, ApiKeyId } from "./account.ts";
import type { Role } from "./permissions.rules.ts";
import { recordChange } from "./record-change.ts";
import { type ApiKeyOwner, insertApiKey, selectApiKeyOwner, selectApiKeys, updateApiKeyRevoked } from "./store.ts";

/** Characters of the key that stay visible, its prefix included. */
const hintLength = 10;

/**
 * Makes an API key.
 * @param role what it may do: as a user of this role
 * @returns the key (`token`), shown this once and stored only as a digest, and what is kept of it
 */
export async function createApiKey(
  ctx: AccountContext,
  name: string,
  role: Role = "administrator",
): Promise<ApiKey & { readonly token: string }> {
  if (name.trim() === "") throw new InvalidInputError([{ path: "name", message: "an API key needs a name" }]);
  const token = newToken("lsk");
  const key: ApiKey = {
    id: newId<ApiKeyId>(),
    name: name.trim(),
    role,
    hint: `${token.slice(0, hintLength)}…`,
    createdAt: ctx.clock.now(),
    lastUsedAt: null,
    revokedAt: null,
  };
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await insertApiKey(tx, ctx.accountId, key, hashToken(token));
    await recordChange(tx, ctx, "api_key.create", key.name, { id: key.id, role });
  });
  return { ...key, token };
}

/** @throws NotFoundError when the account has no such key, or it is revoked already */
export async function revokeApiKey(ctx: AccountContext, id: ApiKeyId): Promise<void> {
  if (!isId(id)) throw new NotFoundError("API key", id, "List them: lockstep api-key list");
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await updateApiKeyRevoked(tx, ctx.accountId, id, ctx.clock.now()))) throw new NotFoundError("API key", id);
    await recordChange(tx, ctx, "api_key.revoke", id);
  });
}

export function listApiKeys(ctx: AccountContext): Promise<readonly ApiKey[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectApiKeys(tx, ctx.accountId));
}

/** Whose key this is, or undefined for a key that never was or is revoked. */
export function findApiKeyOwner(ctx: Context, token: string): Promise<ApiKeyOwner | undefined> {
  return ctx.db.system((tx) => selectApiKeyOwner(tx, hashToken(token), ctx.clock.now()));
}
