import { z } from "zod";
import { describeError, ProductError } from "../../platform/errors.ts";
import { type Identity, OpenIdError } from "../../platform/openid.ts";
import { type Context, inAccount } from "../context.ts";
import type { AccountId } from "./account.ts";
import { beginSession, type SignInAnswer } from "./sign-in.ts";
import { openProvider } from "./sign-in-provider.ts";
import { insertIdentity, selectUnlinkedUser, selectUserOfIdentity } from "./sign-in-provider-store.ts";
import { selectAccount } from "./store.ts";
import { emailKeyOf, type User } from "./user.ts";
import { selectUser } from "./user-store.ts";

/** Why nobody was signed in: a word that the sign-in page has a sentence for. */
export type ProviderRefusal = "not_here" | "not_answering" | "not_believed" | "not_verified" | "nobody" | "expired";

export class ProviderRefusedError extends ProductError {
  readonly refusal: ProviderRefusal;

  constructor(refusal: ProviderRefusal, cause?: unknown) {
    super("sign_in_refused", `The sign-in by a provider was refused: ${refusal}.`, "Try again.", { cause });
    this.refusal = refusal;
  }
}

const attemptMinutes = 10;
const kept = z.object({
  accountId: z.uuid().transform((id) => id as AccountId),
  next: z.string(),
  until: z.string().transform((text) => Temporal.Instant.from(text)),
  attempt: z.object({ state: z.string(), nonce: z.string(), verifier: z.string() }),
});

/** Where the provider sends people back to: told to it by whoever sets it up. */
export const callbackPath = "/api/v1/sign-in-provider/callback";

/**
 * Begins a sign-in at the account's provider.
 * @param next a path of ours to go on to
 * @returns where to send the browser, and a sealed cookie that recognises it when it comes back
 * @throws ProviderRefusedError
 */
export async function beginAtProvider(
  ctx: Context,
  accountId: AccountId,
  next: string,
): Promise<{ readonly url: string; readonly cookie: string }> {
  const provider = await openProvider(inAccount(ctx, accountId, "sign-in"));
  if (!provider) throw new ProviderRefusedError("not_here");
  try {
    const { url, attempt } = await ctx.openId.begin(provider, ctx.baseUrl + callbackPath);
    const until = ctx.clock.now().add({ minutes: attemptMinutes });
    const cookie = ctx.secrets.seal(JSON.stringify({ accountId, next, until, attempt }), "sign-in by provider");
    return { url, cookie: cookie.toString("base64url") };
  } catch (error) {
    if (!(error instanceof OpenIdError)) throw error;
    ctx.log.warn({ account: accountId, reason: error.message }, "a sign-in provider does not answer");
    throw new ProviderRefusedError("not_answering", error);
  }
}

/**
 * Ends a sign-in that comes back from the provider: whoever it vouches for, by an address that it has verified, is
 * signed in if the account has a user of that address. Nobody is made by it.
 * @param query the query of the address that the browser came back to
 * @throws ProviderRefusedError
 */
export async function finishAtProvider(
  ctx: Context,
  input: { readonly cookie: string | undefined; readonly query: string; readonly userAgent?: string | undefined },
): Promise<SignInAnswer & { readonly goOn: string }> {
  const { accountId, next, attempt } = openCookie(ctx, input.cookie);
  const provider = await openProvider(inAccount(ctx, accountId, "sign-in"));
  if (!provider) throw new ProviderRefusedError("not_here");
  const returned = new URL(`${ctx.baseUrl}${callbackPath}?${input.query}`);
  const identity = await ctx.openId.finish(provider, returned, attempt).catch((error: unknown) => {
    if (!(error instanceof OpenIdError)) throw error;
    ctx.log.warn({ account: accountId, reason: error.message }, "a sign-in provider's answer was refused");
    throw new ProviderRefusedError("not_believed", error);
  });
  const user = await recognise(ctx, accountId, identity);
  const session = await beginSession(ctx, user, {
    userAgent: input.userAgent,
    isSecondFactorDone: provider.doesSecondFactor,
  });
  return { ...session, goOn: next };
}

function openCookie(ctx: Context, cookie: string | undefined): z.output<typeof kept> {
  if (cookie === undefined) throw new ProviderRefusedError("expired");
  try {
    const text = ctx.secrets.open(Buffer.from(cookie, "base64url"), "sign-in by provider");
    const opened = kept.parse(JSON.parse(text));
    if (Temporal.Instant.compare(ctx.clock.now(), opened.until) <= 0) return opened;
  } catch (error) {
    ctx.log.warn({ reason: describeError(error) }, "a sign-in came back with a cookie that is not ours");
  }
  throw new ProviderRefusedError("expired");
}

/** By the identity that they came by before, else once by their verified address. */
async function recognise(ctx: Context, account: AccountId, identity: Identity): Promise<User> {
  return ctx.db.system(async (tx) => {
    let id = await selectUserOfIdentity(tx, account, identity);
    if (id === undefined) {
      if (identity.email === null || !identity.isEmailVerified) throw new ProviderRefusedError("not_verified");
      id = await selectUnlinkedUser(tx, account, emailKeyOf(identity.email), identity.issuer);
      if (id !== undefined) await insertIdentity(tx, account, id, identity);
    }
    const user = id && (await selectUser(tx, id));
    const isSuspended = (await selectAccount(tx, account))?.suspendedAt != null;
    if (!user || user.disabledAt || isSuspended) throw new ProviderRefusedError("nobody");
    return user;
  });
}
