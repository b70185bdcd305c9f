import { ConflictError, InvalidInputError, NotFoundError } from "../../platform/errors.ts";
import { OpenIdError, type Provider } from "../../platform/openid.ts";
import type { AccountContext } from "../context.ts";
import { recordChange } from "./record-change.ts";
import {
  deleteProvider,
  hasProvenAdministrator,
  type SignInProvider,
  selectProvider,
  upsertProvider,
} from "./sign-in-provider-store.ts";

export interface ProviderInput {
  readonly issuer: string;
  readonly clientId: string;
  /** Write-only; left out, the stored one stays. */
  readonly clientSecret?: string | undefined;
  readonly isOnlyWay: boolean;
  readonly doesSecondFactor: boolean;
  /** The version that the editor saw; left out for the first. */
  readonly version?: number | undefined;
}

/** The account's own way to sign in, or null. */
export async function findProvider(ctx: AccountContext): Promise<SignInProvider | null> {
  const found = await ctx.db.transaction(ctx.accountId, (tx) => selectProvider(tx, ctx.accountId));
  if (!found) return null;
  const { clientSecretSealed: _, ...provider } = found;
  return provider;
}

/** The same with its secret opened, for calling it. */
export async function openProvider(ctx: AccountContext): Promise<(SignInProvider & Provider) | undefined> {
  const found = await ctx.db.transaction(ctx.accountId, (tx) => selectProvider(tx, ctx.accountId));
  return found && { ...found, clientSecret: ctx.secrets.open(found.clientSecretSealed, ctx.accountId) };
}

/**
 * Sets the account's provider up, or changes it. Nothing is saved that does not answer as a provider.
 * @throws InvalidInputError when it can't be reached, or its secret is missing
 * @throws ConflictError when no administrator has come by it yet and it is to be the only way, or it was edited meanwhile
 */
export async function changeProvider(ctx: AccountContext, input: ProviderInput): Promise<SignInProvider> {
  const before = await openProvider(ctx);
  // A stored secret goes to the stored provider only.
  const clientSecret = input.clientSecret ?? (before?.issuer === input.issuer ? before.clientSecret : undefined);
  if (clientSecret === undefined)
    throw new InvalidInputError([{ path: "clientSecret", message: "is needed for a new provider" }]);
  await checkProvider(ctx, { ...input, clientSecret });
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (input.isOnlyWay && !(await hasProvenAdministrator(tx, ctx.accountId, input.issuer)))
      throw new ConflictError(
        "not_proven",
        "No administrator has signed in by this provider yet, so it can't be the only way in.",
        "Save it without that, sign in by it once, then switch it on.",
      );
    const sealed = ctx.secrets.seal(clientSecret, ctx.accountId);
    if (!(await upsertProvider(tx, ctx.accountId, input, sealed, input.version, ctx.clock.now())))
      throw new ConflictError(
        "edited_meanwhile",
        "Somebody else changed the sign-in provider while you were editing it.",
        "Load it again and repeat your change.",
      );
    const { issuer, clientId, isOnlyWay, doesSecondFactor } = input;
    await recordChange(tx, ctx, "sign_in_provider.change", issuer, { clientId, isOnlyWay, doesSecondFactor });
  });
  return (await findProvider(ctx)) as SignInProvider;
}

/** @throws NotFoundError when there is none */
export async function removeProvider(ctx: AccountContext): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await deleteProvider(tx, ctx.accountId))) throw new NotFoundError("sign-in provider", ctx.accountId);
    await recordChange(tx, ctx, "sign_in_provider.remove", "", {});
  });
}

async function checkProvider(ctx: AccountContext, provider: Provider): Promise<void> {
  try {
    await ctx.openId.check(provider);
  } catch (error) {
    if (!(error instanceof OpenIdError)) throw error;
    throw new InvalidInputError([{ path: "issuer", message: `does not answer as a provider: ${error.message}` }], {
      cause: error,
    });
  }
}
