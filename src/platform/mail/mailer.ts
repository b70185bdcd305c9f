import { createTransport } from "nodemailer";
import type { Log } from "../log.ts";

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** In place of the program's own sender. */
  readonly from?: { readonly name: string; readonly address: string };
  readonly replyTo?: string;
  /** In place of one made for it: a letter that may have to be sent twice is known by it. */
  readonly messageId?: string;
}

/** Sends the program's own letters (a reset, an invitation), one at a time. */
export interface Mailer {
  /** @throws Error when the relay refuses it or can't be reached */
  send(letter: Letter): Promise<void>;
  close(): void;
}

/** Whether a relay is this machine: mail to it needs no TLS. */
export function isLoopbackHost(hostname: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

/** Greets the relay and signs in, as for a letter. @throws Error when it can't be reached or refuses */
export async function checkRelay(url: string): Promise<void> {
  const transport = openTransport(url);
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

function openTransport(url: string) {
  const { hostname, protocol } = new URL(url);
  return createTransport({
    url,
    requireTLS: protocol === "smtp:" && !isLoopbackHost(hostname),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * @param url `smtp://user:password@host:587` (STARTTLS, demanded of any other machine) or `smtps://…`
 * @param from the sender, as `Lockstep <lockstep@example.org>`
 */
export function createMailer(url: string, from: string, log: Log): Mailer {
  const transport = openTransport(url);
  return {
    async send({ to, replyTo, ...letter }) {
      const { subject, messageId = "" } = letter;
      refuseControls([to, replyTo ?? "", subject, messageId, letter.from?.name ?? "", letter.from?.address ?? ""]);
      const sent = await transport.sendMail({
        from,
        ...letter,
        to: { name: "", address: to },
        // Said by itself: an address with a comma in it is one address.
        ...(letter.from && { envelope: { from: letter.from.address, to: [to] } }),
        ...(replyTo && { replyTo: { name: "", address: replyTo } }),
      });
      log.info({ messageId: sent.messageId }, "sent a letter");
    },
    close: () => transport.close(),
  };
}

/** The last door before the wire: no head ever gets a line more. (reliability 1.3, 13) */
function refuseControls(texts: readonly string[]): void {
  if (texts.some((text) => /\p{Cc}/u.test(text))) throw new Error("a letter's head holds a control character");
}
