import type { Tx } from "../../../platform/database/database.ts";
import { must } from "../../../platform/errors.ts";
import { newId } from "../../../platform/ids.ts";
import { recordChange } from "../../accounts/record-change.ts";
import { selectAccount } from "../../accounts/store.ts";
import type { AccountContext } from "../../context.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { GroupId } from "../../target-groups/target-group.ts";
import type { Audience, Mailing, MailingId } from "../mailing.ts";
import { emptyDocument } from "./blocks.ts";
import { getMailing } from "./get-mailing.ts";
import { insertMailing } from "./mailing-store.ts";

export interface NewMailing {
  readonly name: string;
  readonly isTemplate?: boolean | undefined;
  /** A mailing or a template whose content it begins with. */
  readonly copyOf?: MailingId | undefined;
}

/**
 * Makes a mailing or a template: an empty one from the account's own sender, or a copy. Whoever makes it owns it.
 * @throws NotFoundError when what shall be copied is not there
 */
export function createMailing(ctx: AccountContext, input: NewMailing): Promise<Mailing> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { name, isTemplate = false, copyOf } = input;
    const content = copyOf === undefined ? await emptyContent(tx, ctx) : await copiedContent(tx, ctx, copyOf);
    const [id, now] = [newId<MailingId>(), ctx.clock.now()];
    await insertMailing(tx, ctx.accountId, {
      ...content,
      id,
      isTemplate,
      name,
      state: "draft",
      ownerId: ctx.userId,
      createdAt: now,
      createdBy: ctx.actor,
      updatedAt: now,
      updatedBy: ctx.actor,
      archivedAt: null,
      version: 1,
    });
    await recordChange(tx, ctx, isTemplate ? "template.create" : "mailing.create", name, { id, copyOf });
    return getMailing(tx, ctx, id);
  });
}

type Content = Pick<
  Mailing,
  | "fromName"
  | "fromAddress"
  | "replyTo"
  | "subject"
  | "preheader"
  | "bodyKind"
  | "body"
  | "textPart"
  | "audience"
  | "optOutCategoryId"
>;

async function emptyContent(tx: Tx, ctx: AccountContext): Promise<Content> {
  const account = must(await selectAccount(tx, ctx.accountId), "whoever is in an account finds it");
  return {
    fromName: account.senderName,
    fromAddress: account.senderAddress,
    replyTo: "",
    subject: "",
    preheader: "",
    bodyKind: "blocks",
    body: JSON.stringify(emptyDocument),
    textPart: null,
    audience: { to: [], notTo: [] },
    optOutCategoryId: null,
  };
}

/** Groups that were deleted meanwhile are not copied: nothing could be sent to them. */
async function copiedContent(tx: Tx, ctx: AccountContext, id: MailingId): Promise<Content> {
  const { audience, ...content } = await getMailing(tx, ctx, id);
  return { ...content, audience: await withoutDeleted(tx, ctx, audience) };
}

async function withoutDeleted(tx: Tx, ctx: AccountContext, { to, notTo }: Audience): Promise<Audience> {
  const groups = await selectGroups(tx, ctx.accountId, [...to, ...notTo]);
  const isThere = (id: GroupId) => groups.get(id)?.deletedAt === null;
  return { to: to.filter(isThere), notTo: notTo.filter(isThere) };
}
