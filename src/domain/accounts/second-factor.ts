import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, ForbiddenError, InvalidInputError } from "../../platform/errors.ts";
import { isPassword } from "../../platform/passwords.ts";
import { hashToken, newReadableSecret, newToken } from "../../platform/secrets.ts";
import { type Context, inAccount } from "../context.ts";
import { recordChange } from "./record-change.ts";
import {
  lockSecondFactor,
  replaceRecoveryCodes,
  spendRecoveryCode,
  spendStep,
  updatePendingSecondFactor,
  updateSecondFactorConfirmed,
} from "./second-factor-store.ts";
import { deleteSessionsOf, renewSession } from "./session-store.ts";
import { countTry, forgetTries } from "./throttle.ts";
import { nameOf, type User, type UserId, type UserSession } from "./user.ts";
import { selectPasswordHash } from "./user-store.ts";

const issuer = "Lockstep";
const periodSeconds = 30;
/** A clock may be one step off. */
const window = 1;
const recoveryCodes = 10;

/** What seals a user's secret: it opens for nobody else. */
const sealContext = (id: UserId) => `second factor ${id}`;

/**
 * Begins to set a second factor up; it counts once a code of it is confirmed.
 * @param password asked for again where there is a second factor already
 * @returns the secret, shown this once, and the address that an authenticator reads it from
 * @throws ForbiddenError when there is one already and the password is missing or wrong
 */
export async function beginSecondFactor(
  ctx: Context,
  user: User,
  password: string | undefined,
): Promise<{ readonly uri: string; readonly secret: string }> {
  if (user.hasSecondFactor) await askPasswordAgain(ctx, user, password);
  const secret = new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer });
  const sealed = ctx.secrets.seal(secret.base32, sealContext(user.id));
  await ctx.db.system((tx) => updatePendingSecondFactor(tx, user.id, sealed));
  return { uri: totpOf(secret.base32, user.email).toString(), secret: secret.base32 };
}

/**
 * Turns the second factor on. Every other session of the user ends.
 * @returns ten recovery codes, shown this once, and this session's new token
 * @throws ConflictError when nothing was begun
 * @throws InvalidInputError when the code is wrong
 */
export async function confirmNewSecondFactor(
  ctx: Context,
  { session, user }: { readonly session: UserSession; readonly user: User },
  code: string,
): Promise<{ readonly recoveryCodes: readonly string[]; readonly token: string }> {
  const subject = `second factor ${user.id}`;
  await countTry(ctx, subject);
  const codes = Array.from({ length: recoveryCodes }, newReadableSecret);
  const token = newToken("lss");
  await ctx.db.system(async (tx) => {
    const pending = (await lockSecondFactor(tx, user.id))?.pending;
    if (!pending)
      throw new ConflictError("not_begun", "No second factor is being set up.", "Begin again and scan the new code.");
    const step = stepOf(ctx, ctx.secrets.open(pending, sealContext(user.id)), code);
    if (step === null)
      throw new InvalidInputError([{ path: "code", message: "is not the authenticator's; check its clock" }]);
    await updateSecondFactorConfirmed(tx, user.id, step);
    await replaceRecoveryCodes(tx, user.id, codes.map(recoveryHash));
    await renewSession(tx, session, hashToken(token));
    await deleteSessionsOf(tx, user.id, session.id);
    await forgetTries(tx, subject);
    if (user.accountId)
      await recordChange(tx, inAccount(ctx, user.accountId, nameOf(user)), "user.second_factor_on", user.email);
  });
  return { recoveryCodes: codes, token };
}

/** Takes a code of the authenticator or a recovery code, each once. */
export async function useSecondFactor(tx: Tx, ctx: Context, user: User, code: string): Promise<boolean> {
  const sealed = (await lockSecondFactor(tx, user.id))?.sealed;
  if (!sealed) return false;
  const step = stepOf(ctx, ctx.secrets.open(sealed, sealContext(user.id)), code);
  if (step !== null) return spendStep(tx, user.id, step);
  return spendRecoveryCode(tx, user.id, recoveryHash(code));
}

/** Before what would hand the account to whoever found an open browser. @throws ForbiddenError, TooManyRequestsError */
export async function askPasswordAgain(ctx: Context, user: User, password: string | undefined): Promise<void> {
  const subject = `password again ${user.id}`;
  if (password !== undefined) await countTry(ctx, subject);
  const hash = await ctx.db.system((tx) => selectPasswordHash(tx, user.id));
  if (password === undefined || !(await isPassword(password, hash))) {
    throw new ForbiddenError("password_needed", "This needs your password again.", "Send it as 'password'.");
  }
  await ctx.db.system((tx) => forgetTries(tx, subject));
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: periodSeconds });
}

/** The time step that the code is of, or null when it is wrong. */
function stepOf(ctx: Context, secret: string, code: string): number | null {
  const token = code.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const timestamp = ctx.clock.now().epochMilliseconds;
  const delta = totpOf(secret, "").validate({ token, timestamp, window });
  return delta === null ? null : Math.floor(timestamp / 1000 / periodSeconds) + delta;
}

function recoveryHash(code: string): Buffer {
  return hashToken(code.toLowerCase().replaceAll(/[\s-]/g, ""));
}
