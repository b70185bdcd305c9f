import { z } from "zod";
import type { Tx } from "../../platform/database/database.ts";
import { must } from "../../platform/errors.ts";
import { defineJob, enqueue } from "../../platform/jobs.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import type { Context } from "../context.ts";
import { insertPasswordLink, type LinkPurpose } from "./session-store.ts";
import type { User, UserId } from "./user.ts";
import { selectUser, selectUserByEmail } from "./user-store.ts";

const hoursValid: Readonly<Record<LinkPurpose, number>> = { reset: 1, invitation: 72 };

/** The job knows whom, never the link: a token in the queue would be a password at rest. */
export const passwordLinkJob = defineJob(
  "send-password-link",
  z.discriminatedUnion("to", [
    z.object({ to: z.literal("address"), email: z.string() }),
    z.object({ to: z.literal("user"), userId: z.uuid(), purpose: z.enum(["reset", "invitation"]) }),
  ]),
);

/** How a link reaches its person: by mail, or, where no mail is configured, by whoever asked for it. */
export type LinkDelivery = { readonly sentByMail: true; readonly url: null } | { sentByMail: false; url: string };

/**
 * Somebody forgot their password. What happens here is the same for every address; a worker looks whether it is known.
 * @returns false when this installation sends no mail: an administrator resets passwords
 */
export async function requestPasswordReset(ctx: Context, email: string): Promise<boolean> {
  if (!ctx.mail) return false;
  await ctx.db.system((tx) => enqueue(tx, passwordLinkJob, { to: "address", email }));
  return true;
}

/** For a user just made or reset by an administrator, in the same transaction. */
export async function deliverLink(tx: Tx, ctx: Context, user: User, purpose: LinkPurpose): Promise<LinkDelivery> {
  if (!ctx.mail) return { sentByMail: false, url: await makeLink(tx, ctx, user, purpose) };
  await enqueue(tx, passwordLinkJob, { to: "user", userId: user.id, purpose });
  return { sentByMail: true, url: null };
}

/** The job: makes a link and mails it, if there is somebody to mail it to. Tried again, it makes a new link. */
export async function sendPasswordLink(
  ctx: Context,
  payload: z.infer<(typeof passwordLinkJob)["payload"]>,
): Promise<void> {
  const mail = must(ctx.mail, "links are only queued where mail is configured (LOCKSTEP_SMTP_URL)");
  const purpose = payload.to === "user" ? payload.purpose : "reset";
  const found = await ctx.db.system(async (tx) => {
    const user =
      payload.to === "user"
        ? await selectUser(tx, payload.userId as UserId)
        : (await selectUserByEmail(tx, payload.email))?.user;
    return user && !user.disabledAt ? { user, url: await makeLink(tx, ctx, user, purpose) } : undefined;
  });
  if (found) await mail.send(letter(found.user, found.url, purpose));
}

async function makeLink(tx: Tx, ctx: Context, user: User, purpose: LinkPurpose): Promise<string> {
  const token = newToken("lsp");
  const expiresAt = ctx.clock.now().add({ hours: hoursValid[purpose] });
  await insertPasswordLink(tx, user, { purpose, tokenHash: hashToken(token), expiresAt });
  // Behind the #, so that it is in no server's log and no referrer.
  return `${ctx.baseUrl}/reset-password#token=${token}`;
}

function letter(user: User, url: string, purpose: LinkPurpose): { to: string; subject: string; text: string } {
  const hours = hoursValid[purpose];
  const until = `It works once, for ${hours === 1 ? "one hour" : `${hours} hours`}.`;
  return purpose === "invitation"
    ? {
        to: user.email,
        subject: "Your Lockstep sign-in",
        text: `Hello ${user.name},\n\nyou have been given a sign-in to Lockstep. Choose your password here:\n\n${url}\n\n${until}\n`,
      }
    : {
        to: user.email,
        subject: "A new password for Lockstep",
        text: `Hello ${user.name},\n\nsomebody asked for a new password for ${user.email}. Choose it here:\n\n${url}\n\n${until} If it wasn't you, do nothing: your password stays as it is.\n`,
      };
}
