import type { Tx } from "../../platform/database/database.ts";
import type { UserId } from "../accounts/user.ts";
import type { AccountContext } from "../context.ts";
import { defaultWay } from "./choices.rules.ts";
import { type EventData, type EventType, type NoticeType, noticeTypes } from "./event.rules.ts";
import { type Notice, noticeOf } from "./notice.rules.ts";
import { insertNotices, selectUsersToTell } from "./store.ts";

/**
 * Collects a line for every user who wants to be told of it at once, in the caller's transaction. Asks first who that
 * is: mostly nobody. Where no mail is configured, nothing is collected.
 * @param apartFrom somebody who is told in another way
 */
export async function tellUsers<Type extends EventType>(
  tx: Tx,
  ctx: AccountContext,
  type: Type,
  happened: readonly EventData[Type][],
  apartFrom: UserId | null = null,
): Promise<void> {
  if (ctx.mail === null || !isNoticeType(type)) return;
  const wanting = await selectUsersToTell(tx, ctx.accountId, type, "at_once", defaultWay("administrator", type));
  const users = wanting.filter((id) => id !== apartFrom);
  if (users.length === 0) return;
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
