import type { AccountContext } from "../../context.ts";
import { findSubscriber } from "../../subscribers/find-subscribers.ts";
import type { InstanceId } from "../mailing.ts";
import { getInstance } from "../publish/get-instance.ts";
import {
  type AnswerFilter,
  type AnsweringRecipient,
  type PersonMailing,
  selectAnswering,
  selectPersonMailings,
} from "./answer-store.ts";

/** One page of an instance's recipients with what they did. @throws NotFoundError when the account has no such instance */
export function listAnswering(
  ctx: AccountContext,
  id: InstanceId,
  filter: AnswerFilter,
): Promise<readonly AnsweringRecipient[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) =>
    selectAnswering(tx, ctx.accountId, await getInstance(tx, ctx, id), filter),
  );
}

/** One page of what was sent to a person, and what they did with it. @throws NotFoundError when there is no such person */
export async function listPersonMailings(
  ctx: AccountContext,
  person: number,
  page: Parameters<typeof selectPersonMailings>[3],
): Promise<readonly PersonMailing[]> {
  await findSubscriber(ctx, person);
  return ctx.db.transaction(ctx.accountId, (tx) => selectPersonMailings(tx, ctx.accountId, person, page));
}
