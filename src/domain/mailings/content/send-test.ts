import { ConflictError, describeError, InvalidInputError, TooManyRequestsError } from "../../../platform/errors.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { addressKey } from "../../subscribers/address.rules.ts";
import type { Piece } from "../frozen-content.ts";
import { testLinkPath } from "../links.ts";
import type { MailingId } from "../mailing.ts";
import { escapeMarkup } from "./escape.rules.ts";
import { createFiller, type FillPerson } from "./fill.ts";
import { compileWith, findMaterial, freezeContent } from "./freeze-content.ts";
import { getMailing } from "./get-mailing.ts";
import { type ViewAs, valuesOf } from "./preview-mailing.ts";
import { countTestMails } from "./sample-store.ts";

/** Tests are for a handful of colleagues: more in an hour would be a mailing without an unsubscribe link. */
const mostInAnHour = 100;

/**
 * Sends a mailing, as it is saved, to a few addresses, filled as for one person. It counts nowhere, and its unsubscribe
 * link does nothing. (product 4.1)
 * @throws InvalidInputError when an address is none, or the mailing can't be sent as it stands
 * @throws ConflictError when no relay is set, or it refuses
 */
export async function sendTest(ctx: AccountContext, id: MailingId, to: readonly string[], as: ViewAs): Promise<void> {
  const wrong = to.filter((address) => addressKey(address) === null);
  if (wrong.length > 0)
    throw new InvalidInputError(wrong.map((address) => ({ path: "to", message: `'${address}' is no e-mail address` })));
  const letter = await compose(ctx, id, as);
  const { mail } = ctx;
  if (!mail)
    throw new ConflictError("no_relay", "No mail can be sent from here.", "The operator sets LOCKSTEP_SMTP_URL.");
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const sent = await countTestMails(tx, ctx.accountId, ctx.clock.now().subtract({ hours: 1 }));
    if (sent + to.length > mostInAnHour)
      throw new TooManyRequestsError(`${sent} test mails were sent in the last hour.`, 3600);
    await recordChange(tx, ctx, "mailing.test_send", letter.name, { id, to });
  });
  for (const address of to) {
    await mail.send({ ...letter.mail, to: address }).catch((cause: unknown) => {
      ctx.log.warn({ reason: describeError(cause) }, "a test mail was refused");
      throw new ConflictError(
        "relay_refused",
        `The mail to ${address} was refused: ${describeError(cause).slice(0, 200)}`,
        "Check the sender's address and the relay.",
        { cause },
      );
    });
  }
}

async function compose(ctx: AccountContext, id: MailingId, as: ViewAs) {
  const { mailing, material, values } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const mailing = await getMailing(tx, ctx, id);
    // Without one it would leave with the empty sender, as bounces do.
    if (addressKey(mailing.fromAddress) === null)
      throw new InvalidInputError([{ path: "fromAddress", message: "is missing: write who it comes from" }]);
    const { values } = await valuesOf(tx, ctx, as);
    return { mailing, material: await findMaterial(tx, ctx, mailing), values };
  });
  const content = freezeContent(await compileWith(mailing, material));
  const nowhere = `${ctx.publicUrl}${testLinkPath}`;
  const person: FillPerson = {
    values,
    links: {
      click: (place) => escapeMarkup(content.links[place]?.url ?? nowhere),
      unsubscribe: nowhere,
      preferences: nowhere,
      pixel: "",
    },
  };
  const plainLinks = { ...person.links, click: (place: number) => content.links[place]?.url ?? nowhere };
  const note = `A test of '${mailing.name}', sent by ${ctx.actor}. Its unsubscribe link does nothing.`;
  const banner = `<div style="font:13px Arial,sans-serif;background:#fff3cd;color:#533f03;padding:8px 16px;text-align:center">${escapeMarkup(note)}</div>`;
  const html = createFiller(harmless(content.html))(person);
  const [body = ""] = /<body[^>]*>/i.exec(html) ?? [];
  return {
    name: mailing.name,
    mail: {
      from: { name: content.fromName, address: content.fromAddress },
      ...(content.replyTo && { replyTo: content.replyTo }),
      subject: `[Test] ${createFiller(content.subject)(person)}`,
      text: `${note}\n\n${createFiller(harmless(content.text))({ ...person, links: plainLinks })}`,
      html: body === "" ? banner + html : html.replace(body, () => body + banner),
    },
  };
}

/** The AMS's own page would let whoever gets the test change the wishes of the person whose values it shows. */
function harmless(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece) =>
    typeof piece !== "string" && piece.kind === "ams_preferences" ? { kind: "preferences" } : piece,
  );
}
