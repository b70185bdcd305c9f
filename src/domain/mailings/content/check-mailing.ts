import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import { addressKey } from "../../subscribers/address.rules.ts";
import type { Check, Mailing, MailingId } from "../mailing.ts";
import { getMailing } from "./get-mailing.ts";

/** The checklist before publishing: what is well, what should be looked at, what blocks. */
export async function checkMailing(_tx: Tx, _ctx: AccountContext, mailing: Mailing): Promise<readonly Check[]> {
  const line = (code: string, isWell: boolean, well: string, ill: string, wayOut: string): Check => ({
    code,
    severity: isWell ? "ok" : "blocks",
    message: isWell ? well : ill,
    wayOut: isWell ? "" : wayOut,
  });
  return [
    line("subject", mailing.subject.trim() !== "", "There is a subject.", "There is no subject.", "Write one."),
    line(
      "sender",
      addressKey(mailing.fromAddress) !== null,
      `It comes from ${mailing.fromAddress}.`,
      "It has no sender.",
      "Write the address that it comes from.",
    ),
    line(
      "audience",
      mailing.audience.to.length > 0,
      "It has an audience.",
      "It has no audience.",
      "Choose the target groups that it goes to.",
    ),
  ];
}

export function findChecks(ctx: AccountContext, id: MailingId): Promise<readonly Check[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => checkMailing(tx, ctx, await getMailing(tx, ctx, id)));
}
