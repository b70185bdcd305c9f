import type { Tx } from "../../platform/database/database.ts";
import { NotFoundError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { User, UserId } from "../accounts/user.ts";
import { selectUser } from "../accounts/user-store.ts";
import type { AccountContext } from "../context.ts";
import { type Choices, choicesOf, type Way } from "./choices.rules.ts";
import { type NoticeType, noticeTypes } from "./event.rules.ts";
import { selectChosen, upsertChosen } from "./store.ts";

/** What a user is told, and whether the installation can tell anybody. */
export interface NoticeSettings {
  readonly choices: Choices;
  /** Where no relay is configured, nobody is told by mail. */
  readonly isMailConfigured: boolean;
}

/** @throws NotFoundError when the account has no such user; staff belong to none, and get no notices */
export function getNoticeSettings(ctx: AccountContext, id: UserId): Promise<NoticeSettings> {
  return ctx.db.transaction(ctx.accountId, async (tx) => read(tx, ctx, await getUser(tx, ctx, id)));
}

/**
 * Chooses what a user is told: they themselves, or an administrator for them. What is left out stays.
 * @throws NotFoundError when the account has no such user
 */
export function chooseNotices(
  ctx: AccountContext,
  id: UserId,
  chosen: { readonly [Type in NoticeType]?: Way | undefined },
): Promise<NoticeSettings> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const user = await getUser(tx, ctx, id);
    const entries = noticeTypes.flatMap((type) => {
      const way = chosen[type];
      return way === undefined ? [] : [[type, way] as const];
    });
    if (entries.length > 0) {
      await upsertChosen(tx, ctx.accountId, id, entries);
      await recordChange(tx, ctx, "notices.choose", user.email, Object.fromEntries(entries));
    }
    return read(tx, ctx, user);
  });
}

async function getUser(tx: Tx, ctx: AccountContext, id: UserId): Promise<User> {
  const user = await selectUser(tx, id);
  if (user?.accountId !== ctx.accountId)
    throw new NotFoundError("user", id, "Staff belong to no account: they get no notices.");
  return user;
}

async function read(tx: Tx, ctx: AccountContext, user: User): Promise<NoticeSettings> {
  const choices = choicesOf(user.role, await selectChosen(tx, ctx.accountId, user.id));
  return { choices, isMailConfigured: ctx.mail !== null };
}
