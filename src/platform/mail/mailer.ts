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

/**
 * @param url `smtp://user:password@host:587` (STARTTLS, demanded of any other machine) or `smtps://…`
 * @param from the sender, as `Lockstep <lockstep@example.org>`
 */
export function createMailer(url: string, from: string, log: Log): Mailer {
  const { hostname, protocol } = new URL(url);
  const transport = createTransport({
    url,
    requireTLS: protocol === "smtp:" && !isLoopbackHost(hostname),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, replyTo, ...letter }) {
      const sent = await transport.sendMail({
        from,
        ...letter,
        to: { name: "", address: to },
        ...(replyTo && { replyTo: { name: "", address: replyTo } }),
      });
      log.info({ messageId: sent.messageId }, "sent a letter");
    },
    close: () => transport.close(),
  };
}
