import { domainToASCII } from "node:url";
import { type Composer, createComposer, type Slot } from "../../../platform/mail/compose.ts";
import type { SigningKey } from "../../../platform/mail/dkim.ts";
import type { Context } from "../../context.ts";
import { createFiller, type FillPerson } from "../content/fill.ts";
import type { Piece } from "../frozen-content.ts";
import type { Instance } from "../instance.ts";
import { linksOf, returnPathOf } from "../links.ts";
import type { Claimed } from "./recipient-store.ts";

/** One recipient's message with its envelope. */
export interface Mail {
  /** Where bounces come back to. */
  readonly from: string;
  readonly to: string;
  readonly message: Buffer;
}

type Sender = Pick<Context, "secrets" | "publicUrl" | "bounceDomain" | "clock">;
type Sent = Pick<Instance, "id" | "content" | "openTracking">;

/** Composes an instance once. @returns what writes one recipient's mail */
export function composeMailing(ctx: Sender, instance: Sent, key: SigningKey | null): (recipient: Claimed) => Mail {
  const { content } = instance;
  const sender = inIdna(content.fromAddress);
  const senderDomain = sender.slice(sender.lastIndexOf("@") + 1);
  const compose: Composer<FillPerson> = createComposer({
    from: { name: content.fromName, address: sender },
    replyTo: content.replyTo === "" ? "" : inIdna(content.replyTo),
    subject: toSlots(content.subject),
    text: toSlots(content.text),
    html: toSlots(content.html),
    key,
  });
  return (recipient) => {
    const ref = { instance: instance.id, place: recipient.place };
    const links = linksOf(ctx, ref);
    const { unsubscribe } = links;
    const to = addressOf(recipient);
    const message = compose(
      {
        to,
        // Made of what it is about: a person can match logs, and a second copy would have the same.
        messageId: `${instance.id}.${recipient.place}@${senderDomain}`,
        at: ctx.clock.now(),
        unsubscribeUrl: unsubscribe,
      },
      {
        values: recipient.values,
        links: {
          unsubscribe,
          click: links.click,
          get preferences() {
            return links.preferences;
          },
          get pixel() {
            return instance.openTracking === "off" ? "" : links.open;
          },
        },
      },
    );
    return { from: ctx.bounceDomain === null ? sender : returnPathOf(ctx, ref, ctx.bounceDomain), to, message };
  };
}

function toSlots(pieces: readonly Piece[]): Slot<FillPerson>[] {
  return pieces.map((piece) => (typeof piece === "string" ? piece : createFiller([piece])));
}

/** The local part as it was given, for some servers tell upper case from lower; the domain in IDNA form. */
function addressOf({ email, emailKey }: Pick<Claimed, "email" | "emailKey">): string {
  const given = email.trim();
  return given.slice(0, given.lastIndexOf("@")) + emailKey.slice(emailKey.lastIndexOf("@"));
}

function inIdna(address: string): string {
  const at = address.lastIndexOf("@");
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}
