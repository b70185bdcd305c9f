import type { RawBuilder } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { UserId } from "../accounts/user.ts";
import type { AccountContext } from "../context.ts";
import { defaultWay } from "./choices.rules.ts";
import { type EventData, type EventType, type NoticeType, noticeTypes } from "./event.rules.ts";
import { type Notice, noticeOf } from "./notice.rules.ts";
import { insertNotices, usersToTell } from "./store.ts";

/** A query for the users who are told of a type at once; null when nobody can be: no mail is configured, or it is no notice. */
export function queryUsersToTell(ctx: AccountContext, type: EventType): RawBuilder<{ id: UserId }> | null {
  if (ctx.mail === null || !isNoticeType(type)) return null;
  return usersToTell(ctx.accountId, type, defaultWay("administrator", type));
}

/** Collects a line of a mail for each of these users, in the caller's transaction. */
export async function tellUsers<Type extends EventType>(
  tx: Tx,
  ctx: AccountContext,
  users: readonly UserId[],
  type: Type,
  happened: readonly EventData[Type][],
): Promise<void> {
  // as: `noticeOf` is told a type and its data, which the signature above holds together
  const notices = happened.map((data) => noticeOf(...([type, data] as unknown as Parameters<typeof noticeOf>)));
  await insertNotices(tx, ctx.accountId, users, inOne(notices), ctx.clock.now());
}

function isNoticeType(type: EventType): type is NoticeType & EventType {
  return (noticeTypes as readonly string[]).includes(type);
}

/** Of ten thousand people, one line says it: who they are stands on the pages. */
function inOne(notices: readonly Notice[]): readonly Notice[] {
  const [first] = notices;
  if (!first?.type.startsWith("subscribers.") || notices.length === 1) return notices;
  return [{ ...first, path: "/subscribers", count: notices.reduce((sum, { count }) => sum + count, 0) }];
}
