import { ForbiddenError, ProductError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { hashPassword, isOutdated, isPassword } from "../../platform/passwords.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { type Context, inAccount } from "../context.ts";
import { recordChange } from "./record-change.ts";
import { useSecondFactor } from "./second-factor.ts";
import { insertSession, updateSessionSignedIn } from "./session-store.ts";
import { selectProvider } from "./sign-in-provider-store.ts";
import { selectAccount } from "./store.ts";
import { countTry, forgetTries } from "./throttle.ts";
import { emailKeyOf, nameOf, type User, type UserSession, type UserSessionId } from "./user.ts";
import { selectUserByEmail, updatePasswordHash, updateSignedInAt } from "./user-store.ts";

/** The same words whether the address is unknown, the password wrong, or the user disabled. (reliability 1.3, 2) */
export class SignInRefusedError extends ProductError {
  constructor(message = "The e-mail address or the password is wrong.") {
    super("sign_in_refused", message, "Try again, or ask for a new password.");
  }
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** What this browser was given at an earlier sign-in. */
  readonly device: string | undefined;
  /** What the browser says it is. */
  readonly userAgent?: string | undefined;
}

export interface SignInAnswer {
  readonly next: "done" | "second_factor";
  /** The session's token, for the cookie: new at every step. */
  readonly token: string;
  readonly user: User;
  /** For a cookie that stays: this browser's tries are counted apart from everybody else's. */
  readonly device: string;
}

/**
 * Signs somebody in by password; with a second factor, the session waits for it.
 * @throws SignInRefusedError, telling nothing about who exists
 * @throws TooManyRequestsError after too many tries at one address, known or not
 */
export async function signIn(ctx: Context, input: SignInInput): Promise<SignInAnswer> {
  const subject = trySubject(ctx, input);
  const [found] = await Promise.all([
    ctx.db.system((tx) => selectUserByEmail(tx, input.email)),
    countTry(ctx, subject),
  ]);
  const [isRight, isSuspended] = await Promise.all([
    isPassword(input.password, found?.passwordHash ?? null),
    found !== undefined && isOfSuspended(ctx, found.user),
  ]);
  if (!found || !isRight || found.user.disabledAt) {
    ctx.log.warn({ user: found?.user.id ?? null }, "a sign-in was refused");
    throw new SignInRefusedError();
  }
  if (isOutdated(found.passwordHash)) {
    const renewed = await hashPassword(input.password);
    await ctx.db.system((tx) => updatePasswordHash(tx, found.user.id, renewed));
  }
  if (isSuspended) throw accountSuspended();
  await refuseWherePasswordsAreOff(ctx, found.user);
  return beginSession(ctx, found.user, { subject, userAgent: input.userAgent });
}

/** Bytes of what a browser says it is: its name stands in the beginning or not at all. */
const longestDevice = 300;

interface SessionBeginning {
  readonly subject?: string;
  readonly userAgent?: string | undefined;
  /** Whoever vouches for them has asked for one. */
  readonly isSecondFactorDone?: boolean;
}

/** A session for somebody who has just proved who they are. */
export async function beginSession(
  ctx: Context,
  user: User,
  { subject, userAgent = "", isSecondFactorDone = false }: SessionBeginning = {},
): Promise<SignInAnswer> {
  const next = user.hasSecondFactor && !isSecondFactorDone ? "second_factor" : "done";
  const now = ctx.clock.now();
  const session: UserSession = {
    id: newId<UserSessionId>(),
    state: next === "done" ? "signed_in" : "second_factor",
    enteredAccountId: null,
    isSecondFactorDone,
    createdAt: now,
    usedAt: now,
  };
  const token = newToken("lss");
  await ctx.db.system(async (tx) => {
    const device = userAgent.replace(/\P{ASCII}|\p{Cc}/gu, "").slice(0, longestDevice);
    await insertSession(tx, user, session, hashToken(token), device);
    if (subject !== undefined) await forgetTries(tx, subject);
    if (next === "done") await recordSignIn(ctx, tx, user);
  });
  return { next, token, user, device: deviceMark(ctx, user.email) };
}

/**
 * The second step: a code of the authenticator, or a recovery code.
 * @throws SignInRefusedError when the code is wrong or was used before
 * @throws TooManyRequestsError after too many tries
 */
export async function confirmSecondFactor(
  ctx: Context,
  { session, user }: { readonly session: UserSession; readonly user: User },
  code: string,
): Promise<SignInAnswer> {
  const subject = `second factor ${user.id}`;
  await countTry(ctx, subject);
  if (await isOfSuspended(ctx, user)) throw accountSuspended();
  const token = newToken("lss");
  const isRight = await ctx.db.system(async (tx) => {
    if (!(await useSecondFactor(tx, ctx, user, code))) return false;
    await updateSessionSignedIn(tx, session.id, hashToken(token), ctx.clock.now());
    await forgetTries(tx, subject);
    await recordSignIn(ctx, tx, user);
    return true;
  });
  if (!isRight) {
    ctx.log.warn({ user: user.id }, "a second factor was refused");
    throw new SignInRefusedError("The code is wrong, or was used before.");
  }
  return { next: "done", token, user, device: deviceMark(ctx, user.email) };
}

async function recordSignIn(ctx: Context, tx: Parameters<typeof recordChange>[0], user: User): Promise<void> {
  await updateSignedInAt(tx, user.id, ctx.clock.now());
  ctx.log.info({ user: user.id, account: user.accountId }, "somebody signed in");
  if (user.accountId) await recordChange(tx, inAccount(ctx, user.accountId, nameOf(user)), "user.sign_in", user.email);
}

/** Said only after the password was right: it tells nobody who exists. */
async function refuseWherePasswordsAreOff(ctx: Context, { accountId }: User): Promise<void> {
  if (accountId === null) return;
  const provider = await ctx.db.system((tx) => selectProvider(tx, accountId));
  if (provider?.isOnlyWay)
    throw new ForbiddenError(
      "password_is_off",
      "Your association signs in by its own provider, not by a password.",
      "Use the link that your administrator gave you.",
    );
}

async function isOfSuspended(ctx: Context, { accountId }: User): Promise<boolean> {
  if (accountId === null) return false;
  const account = await ctx.db.system((tx) => selectAccount(tx, accountId));
  return account?.suspendedAt != null;
}

/** The operator suspended the account. */
export function accountSuspended(): ForbiddenError {
  return new ForbiddenError(
    "account_suspended",
    "This account is suspended.",
    "Ask the operator of this installation.",
  );
}

/** A browser that signed in before has tries of its own: an attack on the address does not lock its owner out. */
function trySubject(ctx: Context, { email, device }: SignInInput): string {
  const key = emailKeyOf(email);
  if (device === undefined) return `sign-in ${key}`;
  try {
    const isOwn = ctx.secrets.open(Buffer.from(device, "base64url"), "device") === key;
    return isOwn ? `sign-in ${key} from ${device}` : `sign-in ${key}`;
  } catch {
    return `sign-in ${key}`;
  }
}

function deviceMark(ctx: Context, email: string): string {
  return ctx.secrets.seal(emailKeyOf(email), "device").toString("base64url");
}
