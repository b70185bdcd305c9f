import SMTPConnection, { type SMTPConnectionOptions } from "nodemailer/lib/smtp-connection";
import { describeError } from "../errors.ts";
import { stuffDots } from "./dot-stuffing.ts";
import { type ServerReply, SmtpDialog } from "./smtp-dialog.ts";

/**
 * At which step of a session an answer came. `session`: while a message was sent, but to no step of it: the server ends
 * the session. `here`: the client itself won't say it to a server.
 */
export type Step = "connect" | "auth" | "session" | "mail" | "rcpt" | "data" | "message" | "here";

/** What a relay says. */
export interface Reply extends ServerReply {
  readonly kind: "reply";
  readonly step: Step;
}

/** How sending a message ended. */
export type Answer =
  | Reply
  /** No answer came. `isHandedOver`: the last chunk had been let go, so that nobody can know. */
  | { readonly kind: "lost"; readonly isHandedOver: boolean; readonly reason: string }
  /** The hand-over was not allowed: the server has not got the message. */
  | { readonly kind: "withheld" };

/** There is no session with the relay. */
export class RelayError extends Error {
  override readonly name = "RelayError";
  readonly reply: Reply;

  constructor(message: string, reply: Reply, options: ErrorOptions) {
    super(message, options);
    this.reply = reply;
  }
}

export interface LineOptions extends SMTPConnectionOptions {
  /** How long the relay may say nothing. */
  readonly socketTimeout: number;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  /** A message's whole way, however slowly a server drips. */
  readonly totalTimeout: number;
}

/** What the library says of a failure. */
interface SmtpFailure extends Error {
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
}

/** So much of a message waits for the hand-over: the end of its last boundary, without which nobody takes it for whole. */
const lastChunkBytes = 64;

/** What a server announces that it can do. */
interface Features {
  readonly pipelining: boolean;
  /** Addresses with letters of any script. (RFC 6531) */
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  readonly size: boolean;
  /** 0: it doesn't say. */
  readonly largestMessage: number;
}

/**
 * One SMTP session with the relay; messages go over it one after the other. The library connects, upgrades to TLS and
 * signs in; the messages themselves are said here, for the library spends more on each than all the rest does.
 * (decision 0012)
 */
export class RelayLine {
  readonly #dialog: SmtpDialog;
  readonly #features: Features;
  readonly #totalTimeout: number;

  private constructor(dialog: SmtpDialog, features: Features, totalTimeout: number) {
    this.#dialog = dialog;
    this.#features = features;
    this.#totalTimeout = totalTimeout;
  }

  /** Connects, upgrades to TLS and signs in. @throws RelayError saying at which step it ended */
  static async open({ auth, totalTimeout, ...options }: LineOptions): Promise<RelayLine> {
    const connection = new SMTPConnection(options);
    // Late ones must find a listener too.
    connection.on("error", () => {});
    try {
      await untilDone(connection, (done) => connection.connect(done));
      const features = readFeatures(connection.lastServerResponse || "");
      if (auth && connection.allowsAuth) await untilDone(connection, (done) => connection.login({ ...auth }, done));
      const socket = connection._socket;
      if (!socket) throw new Error("the relay closed the connection");
      socket.removeAllListeners("data").removeAllListeners("timeout");
      return new RelayLine(new SmtpDialog(socket, options.socketTimeout), features, totalTimeout);
    } catch (cause) {
      const error = cause as SmtpFailure;
      connection.close();
      const text = error.response ?? "";
      const code = /^(\d{3})(?:[ \n-]|$)/.exec(text)?.[1];
      const step = error.code === "EAUTH" ? "auth" : "connect";
      const reply = {
        kind: "reply",
        step,
        code: code === undefined ? null : Number(code),
        text: text || error.message,
      } as const;
      throw new RelayError(error.message, reply, { cause });
    }
  }

  get isUsable(): boolean {
    return this.#dialog.isOpen && !this.#dialog.hasReply;
  }

  /** Takes leave, and closes. */
  quit(): void {
    this.#dialog.quit();
  }

  /**
   * Sends a message to one recipient. Its last chunk leaves only when `handOver` has said so: it commits that the message
   * is being handed over, and from then on the server may have it. (product 4.4)
   * @param handOver false, or a throw, withholds the message
   */
  async send(
    envelope: { readonly from: string; readonly to: string },
    message: Buffer,
    handOver: () => Promise<boolean>,
  ): Promise<Answer> {
    let isHandedOver = false;
    const tooLong = setTimeout(() => this.#dialog.close("the relay took too long"), this.#totalTimeout);
    try {
      const refusal = await this.#begin(envelope, message.length);
      if (refusal) return refusal;
      const stuffed = stuffDots(message);
      const cut = Math.max(0, stuffed.length - lastChunkBytes);
      this.#dialog.say(stuffed.subarray(0, cut));
      const mayGo = await handOver().catch(() => false);
      if (this.#dialog.hasReply) return await this.#hearTooEarly();
      if (!mayGo) {
        this.#dialog.close();
        return { kind: "withheld" };
      }
      isHandedOver = this.#dialog.isOpen;
      this.#dialog.sayTogether(stuffed.subarray(cut), finalDot);
      return this.#heed("message", await this.#dialog.hear());
    } catch (error) {
      this.#dialog.close();
      return { kind: "lost", isHandedOver, reason: error instanceof Error ? error.message : describeError(error) };
    } finally {
      clearTimeout(tooLong);
    }
  }

  /**
   * Names sender and recipient and asks to send, all at once where the server takes it so.
   * @returns why not, or null when the message may follow
   */
  async #begin({ from, to }: { readonly from: string; readonly to: string }, bytes: number): Promise<Reply | null> {
    const unsayable = this.#whyNotSaid(from, to, bytes);
    if (unsayable) return unsayable;
    const { pipelining } = this.#features;
    const commands = {
      mail: `MAIL FROM:<${from}>${this.#parameters(from + to, bytes)}`,
      rcpt: `RCPT TO:<${to}>`,
      data: "DATA",
    };
    if (pipelining) this.#dialog.say(`${Object.values(commands).join("\r\n")}\r\n`);
    let refusal: Reply | null = null;
    for (const step of ["mail", "rcpt", "data"] as const) {
      if (!pipelining) this.#dialog.say(`${commands[step]}\r\n`);
      const reply = this.#heed(step, await this.#dialog.hear());
      if (reply.code === null) throw new Error(`the relay's answer is none: ${reply.text.slice(0, 200)}`);
      const isFine = reply.code < 300 ? reply.code >= 200 : step === "data" && reply.code < 400;
      // It asks for the message though it has refused what comes before: nobody knows to whom that would go.
      if (refusal && step === "data" && isFine) this.#dialog.close();
      if (!isFine) refusal ??= reply;
      if (!this.#dialog.isOpen || (refusal && !pipelining)) break;
    }
    if (refusal && this.#dialog.isOpen) await this.#reset();
    return refusal;
  }

  /** What no server can be asked for in this session. */
  #whyNotSaid(from: string, to: string, bytes: number): Reply | null {
    const { smtpUtf8, largestMessage } = this.#features;
    if (/[\p{Cc}\s<>]/u.test(from + to)) return ownReply("here", 501, "501 the address can't be said to a server");
    if (!isAscii(from + to) && !smtpUtf8)
      return ownReply("rcpt", 553, "553 5.6.7 the relay takes no addresses with letters beyond ASCII");
    if (largestMessage > 0 && bytes > largestMessage)
      return ownReply("mail", 552, `552 5.3.4 the relay takes messages of ${largestMessage} bytes at most`);
    return null;
  }

  #parameters(addresses: string, bytes: number): string {
    const { size, eightBit } = this.#features;
    const utf8 = isAscii(addresses) ? "" : ` SMTPUTF8${eightBit ? " BODY=8BITMIME" : ""}`;
    return `${size ? ` SIZE=${bytes}` : ""}${utf8}`;
  }

  /** An answer before the server has the whole message: a refusal is one, but what it says next belongs to nobody. */
  async #hearTooEarly(): Promise<Answer> {
    const reply = this.#heed("message", await this.#dialog.hear());
    this.#dialog.close();
    if (reply.code !== null && reply.code >= 400 && reply.code < 600) return reply;
    return { kind: "lost", isHandedOver: false, reason: "the relay answered before it had the message" };
  }

  /** After 421, or an answer that is none, the session is over. */
  #heed(step: Step, reply: ServerReply): Reply {
    if (reply.code === null || reply.code === 421) this.#dialog.close();
    return { kind: "reply", step, ...reply };
  }

  /** Ends a transaction that was refused half way: the next one would be nested in it. */
  async #reset(): Promise<void> {
    this.#dialog.say("RSET\r\n");
    const reply = await this.#dialog.hear().catch(() => null);
    if (reply?.code !== 250) this.#dialog.close();
  }
}

const finalDot = Buffer.from(".\r\n");

function ownReply(step: Step, code: number, text: string): Reply {
  return { kind: "reply", step, code, text };
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/** @param answer the server's to EHLO, or to HELO: that announces nothing */
function readFeatures(answer: string): Features {
  const has = (keyword: string) => new RegExp(`^250[ -]${keyword}\\b`, "im").test(answer);
  return {
    pipelining: has("PIPELINING"),
    smtpUtf8: has("SMTPUTF8"),
    eightBit: has("8BITMIME"),
    size: has("SIZE"),
    largestMessage: Number(/^250[ -]SIZE[ \t]+(\d{1,15})/im.exec(answer)?.[1] ?? 0),
  };
}

/** Waits for one of the library's callbacks; an error or an end of the connection may take its place. */
async function untilDone(
  connection: SMTPConnection,
  start: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // After the callback, which knows more.
  const gone = () => setImmediate(reject, new Error("the relay closed the connection"));
  connection.on("error", reject).once("end", gone);
  try {
    start((error) => (error ? reject(error) : resolve()));
    await promise;
  } finally {
    connection.off("end", gone).off("error", reject);
  }
}
