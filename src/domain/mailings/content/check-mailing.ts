import type { Tx } from "../../../platform/database/database.ts";
import { must } from "../../../platform/errors.ts";
import { selectAccount } from "../../accounts/store.ts";
import { selectCategory } from "../../bridges/opt-out-store.ts";
import type { AccountContext } from "../../context.ts";
import { addressKey } from "../../subscribers/address.rules.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { Check, Mailing, MailingId } from "../mailing.ts";
import { checkSender } from "../senders/sender-check.ts";
import { blocks, ok, warning } from "./check.ts";
import { checkContent } from "./check-content.ts";
import { compileWith, findMaterial } from "./freeze-content.ts";
import { getMailing } from "./get-mailing.ts";

const longestSubject = 150;
/** What is found out about a mailing by asking: who it comes from, whom it goes to. */
export async function checkSurroundings(tx: Tx, ctx: AccountContext, mailing: Mailing): Promise<readonly Check[]> {
  return [
    checkSubject(mailing.subject),
    ...(await checkFrom(tx, ctx, mailing)),
    await checkPostalAddress(tx, ctx),
    ...(await checkAudience(tx, ctx, mailing)),
    ...(await checkCategory(tx, ctx, mailing)),
  ];
}

/** The checklist before publishing: what is well, what should be looked at, what blocks. (product 4.1) */
export async function findChecks(ctx: AccountContext, id: MailingId): Promise<readonly Check[]> {
  const { mailing, material, checks } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const mailing = await getMailing(tx, ctx, id);
    const checks = await checkSurroundings(tx, ctx, mailing);
    return { mailing, material: await findMaterial(tx, ctx, mailing), checks };
  });
  return [...checks, ...checkContent(mailing, await compileWith(mailing, material))];
}

function checkSubject(subject: string): Check {
  if (subject.trim() === "") return blocks("subject", "There is no subject.", "Write one.");
  if (subject.length > longestSubject)
    return warning("subject", `The subject has ${subject.length} characters; most inboxes show 60.`, "Shorten it.");
  return ok("subject", "There is a subject.");
}

async function checkFrom(tx: Tx, ctx: AccountContext, { fromAddress, replyTo }: Mailing): Promise<readonly Check[]> {
  if (addressKey(fromAddress) === null)
    return [blocks("sender", "It has no sender's address.", "Write the address that it comes from.")];
  const answers =
    replyTo !== "" && addressKey(replyTo) === null
      ? [blocks("reply_to", `'${replyTo}' is no address to answer to.`, "Write another, or none.")]
      : [];
  return [await checkSender(tx, ctx, fromAddress), ...answers];
}

async function checkPostalAddress(tx: Tx, ctx: AccountContext): Promise<Check> {
  const { postalAddress } = must(await selectAccount(tx, ctx.accountId), "whoever is in an account finds it");
  return postalAddress.trim() === ""
    ? blocks(
        "postal_address",
        "The association's postal address is missing: every mailing must have it.",
        "An administrator writes it under Admin › Account settings.",
      )
    : ok("postal_address", "It has the postal address.");
}

async function checkAudience(tx: Tx, ctx: AccountContext, { audience }: Mailing): Promise<readonly Check[]> {
  if (audience.to.length === 0)
    return [blocks("audience", "It has no audience.", "Choose the target groups that it goes to.")];
  const groups = await selectGroups(tx, ctx.accountId, [...audience.to, ...audience.notTo]);
  const deleted = [...groups.values()].filter(({ deletedAt }) => deletedAt !== null);
  if (deleted.length > 0) {
    const names = deleted.map(({ name }) => `'${name}'`).join(", ");
    return [blocks("audience", `${names} of its audience was deleted.`, "Bring it back, or choose another group.")];
  }
  const missing = [...groups.values()].filter(({ missingSince }) => missingSince !== null);
  return [
    ok("audience", "It has an audience."),
    ...missing.map(({ name }) =>
      warning(
        "audience_missing",
        `'${name}' is missing in netFORUM Pro: it can't be synced.`,
        "Choose another group, or bring its query back there.",
      ),
    ),
  ];
}

async function checkCategory(tx: Tx, ctx: AccountContext, { optOutCategoryId }: Mailing): Promise<readonly Check[]> {
  const category = optOutCategoryId && (await selectCategory(tx, ctx.accountId, optOutCategoryId));
  if (!category) return [];
  if (category.missingSince === null) return [ok("opt_out_category", `Its opt-out category is '${category.name}'.`)];
  const message = `Its opt-out category '${category.name}' is missing in netFORUM Pro.`;
  return [warning("opt_out_category", message, "Choose another one, or none.")];
}
