import type { Tx } from "../../../platform/database/database.ts";
import { must } from "../../../platform/errors.ts";
import { selectAccount } from "../../accounts/store.ts";
import { selectCategory } from "../../bridges/opt-out-store.ts";
import type { AccountContext } from "../../context.ts";
import { addressKey } from "../../subscribers/address.rules.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { Check, Mailing, MailingId } from "../mailing.ts";
import { checkSender } from "../senders/sender-check.ts";
import { encodedBytes, gmailCutsAt, nearCut } from "./encoded-size.rules.ts";
import { createFiller, type FillPerson } from "./fill.ts";
import { compileFor } from "./freeze-content.ts";
import { getMailing } from "./get-mailing.ts";
import { has } from "./pieces.ts";

const longestSubject = 150;
/** Somebody of whom nothing is known, with addresses as long as real ones. */
const nobody: FillPerson = {
  values: {},
  links: {
    click: () => "x".repeat(80),
    unsubscribe: "x".repeat(80),
    preferences: "x".repeat(80),
    pixel: "x".repeat(80),
  },
};

/** The checklist before publishing: what is well, what should be looked at, what blocks. (product 4.1) */
export async function checkMailing(tx: Tx, ctx: AccountContext, mailing: Mailing): Promise<readonly Check[]> {
  const { content, findings } = await compileFor(tx, ctx, mailing);
  const found = findings.map(({ code, severity, message, wayOut }): Check => ({ code, severity, message, wayOut }));
  const isBodyWell = !findings.some(({ path, severity }) => path === "body" && severity === "blocks");
  const html = createFiller(content.html)(nobody);
  return [
    checkSubject(mailing.subject),
    ...(await checkFrom(tx, ctx, mailing)),
    await checkPostalAddress(tx, ctx),
    ...(await checkAudience(tx, ctx, mailing)),
    ...(await checkCategory(tx, ctx, mailing)),
    ...found,
    ...(isBodyWell ? [ok("body", "The body can be read by mail programs.")] : []),
    ...(content.fields.length > 0 && !findings.some(({ code }) => code === "unknown_field" || code === "invalid_field")
      ? [ok("fields", `Every field is known: ${content.fields.join(", ")}.`)]
      : []),
    has(content.html, "unsubscribe") && mailing.body.includes("unsubscribe_url")
      ? ok("unsubscribe", "It has an unsubscribe link.")
      : ok("unsubscribe", "An unsubscribe link is added at its end."),
    checkSize(encodedBytes(html)),
    mailing.textPart === null
      ? ok("text_part", "The text part is made from the body.")
      : mailing.textPart.trim() === ""
        ? warning("text_part", "The text part is empty.", "Have it made from the body again, or write one.")
        : ok("text_part", "It has a text part of its own."),
  ];
}

export function findChecks(ctx: AccountContext, id: MailingId): Promise<readonly Check[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => checkMailing(tx, ctx, await getMailing(tx, ctx, id)));
}

const ok = (code: string, message: string): Check => ({ code, severity: "ok", message, wayOut: "" });
const warning = (code: string, message: string, wayOut: string): Check => ({
  code,
  severity: "warning",
  message,
  wayOut,
});
const blocks = (code: string, message: string, wayOut: string): Check => ({
  code,
  severity: "blocks",
  message,
  wayOut,
});

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

function checkSize(bytes: number): Check {
  const size = `${Math.ceil(bytes / 1024)} KB`;
  if (bytes > gmailCutsAt)
    return warning(
      "size",
      `Its HTML comes to ${size}: Gmail cuts what is behind 102 KB.`,
      "Shorten it, or leave out pasted styles.",
    );
  if (bytes > nearCut)
    return warning("size", `Its HTML comes to ${size}; Gmail cuts what is behind 102 KB.`, "Keep it from growing.");
  return ok("size", `Its HTML comes to ${size}.`);
}
