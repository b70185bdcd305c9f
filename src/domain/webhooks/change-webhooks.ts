import { randomBytes } from "node:crypto";
import type { Tx } from "../../platform/database/database.ts";
import { checkUrl, EgressError } from "../../platform/egress.ts";
import { ConflictError, InvalidInputError, must, NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import type { WebhookType } from "../notices/event.rules.ts";
import { secretPrefix } from "./sign.rules.ts";
import {
  countWebhooks,
  deleteWebhook,
  giveUpWaiting,
  insertWebhook,
  lockWebhook,
  selectWebhook,
  selectWebhooks,
  updateSecret,
  updateWebhook,
} from "./store.ts";
import type { Webhook, WebhookId } from "./webhook.ts";

/** An account has so many at most: each event is sent to each of them. */
export const mostWebhooks = 10;
/** How long a replaced secret signs beside the new one. */
const oldSecretHours = 24;

/** A webhook with its secret, which is shown this once. */
export interface WebhookWithSecret extends Webhook {
  readonly secret: string;
}

export function listWebhooks(ctx: AccountContext): Promise<readonly Webhook[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectWebhooks(tx, ctx.accountId));
}

/** @throws NotFoundError when the account has no such webhook */
export function getWebhook(ctx: AccountContext, id: WebhookId): Promise<Webhook> {
  return ctx.db.transaction(ctx.accountId, async (tx) => orNotFound(await selectWebhook(tx, ctx.accountId, id), id));
}

/**
 * Adds a webhook, active at once.
 * @throws InvalidInputError when the address may not be called from here
 * @throws ConflictError when the account has as many as it may
 */
export async function addWebhook(
  ctx: AccountContext,
  values: { readonly url: string; readonly events: readonly WebhookType[] },
): Promise<WebhookWithSecret> {
  const url = checkedUrl(ctx, values.url);
  const secret = newSecret();
  const id = newId<WebhookId>();
  const events = [...new Set(values.events)];
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    if ((await countWebhooks(tx, ctx.accountId)) >= mostWebhooks)
      throw new ConflictError("too_many_webhooks", `An account has ${mostWebhooks} webhooks at most.`, "Delete one.");
    const secretSealed = ctx.secrets.seal(secret, ctx.accountId);
    const made = { createdAt: ctx.clock.now(), createdBy: ctx.actor };
    await insertWebhook(tx, ctx.accountId, { id, url, events, secretSealed, ...made });
    await recordChange(tx, ctx, "webhook.add", url, { id, events });
    return { ...must(await selectWebhook(tx, ctx.accountId, id), "it was just added"), secret };
  });
}

export interface WebhookChange {
  readonly url?: string | undefined;
  readonly events?: readonly WebhookType[] | undefined;
  readonly isActive?: boolean | undefined;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
}

/**
 * Changes a webhook. Switched off, it hears nothing, and what waits for it is given up; each can be sent again.
 * @throws NotFoundError @throws InvalidInputError when the address may not be called from here
 * @throws ConflictError when somebody else, or the program, changed it since the editor looked
 */
export function changeWebhook(ctx: AccountContext, id: WebhookId, change: WebhookChange): Promise<Webhook> {
  return inOne(ctx, id, async (tx, before) => {
    if (change.version !== undefined && change.version !== before.version)
      throw new ConflictError(
        "edited_meanwhile",
        "This webhook was changed while you were editing it.",
        "Load it again.",
      );
    const url = change.url === undefined ? before.url : checkedUrl(ctx, change.url);
    const events = change.events === undefined ? before.events : [...new Set(change.events)];
    const isActive = change.isActive ?? before.isActive;
    const beginsAnew = isActive && (!before.isActive || url !== before.url);
    await updateWebhook(tx, ctx.accountId, id, { url, events, isActive, beginsAnew });
    if (!isActive) await giveUpWaiting(tx, ctx.accountId, id, ctx.clock.now());
    await recordChange(tx, ctx, "webhook.change", url, { id, events, isActive });
  });
}

/** Makes a new secret; the old one signs beside it for a day. @returns the webhook with the secret, shown this once */
export async function replaceSecret(ctx: AccountContext, id: WebhookId): Promise<WebhookWithSecret> {
  const secret = newSecret();
  const webhook = await inOne(ctx, id, async (tx, { url }) => {
    const oldUntil = ctx.clock.now().add({ hours: oldSecretHours });
    await updateSecret(tx, ctx.accountId, id, ctx.secrets.seal(secret, ctx.accountId), oldUntil);
    await recordChange(tx, ctx, "webhook.replace_secret", url, { id });
  });
  return { ...webhook, secret };
}

/** Deletes a webhook with its log. @throws NotFoundError */
export async function removeWebhook(ctx: AccountContext, id: WebhookId): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const { url } = orNotFound(await lockWebhook(tx, ctx.accountId, id), id);
    await deleteWebhook(tx, ctx.accountId, id);
    await recordChange(tx, ctx, "webhook.delete", url, { id });
  });
}

function inOne(ctx: AccountContext, id: WebhookId, run: (tx: Tx, before: Webhook) => Promise<void>): Promise<Webhook> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await run(tx, orNotFound(await lockWebhook(tx, ctx.accountId, id), id));
    return must(await selectWebhook(tx, ctx.accountId, id), "it is held");
  });
}

function orNotFound(webhook: Webhook | undefined, id: WebhookId): Webhook {
  if (!webhook) throw new NotFoundError("webhook", id);
  return webhook;
}

function checkedUrl(ctx: AccountContext, text: string): string {
  try {
    return checkUrl(text.trim(), ctx.callOut.rules).href;
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    throw new InvalidInputError([{ path: "url", message: error.message }], { cause: error });
  }
}

/** 32 random bytes, in the form of the Standard Webhooks specification. */
function newSecret(): string {
  return `${secretPrefix}${randomBytes(32).toString("base64")}`;
}
