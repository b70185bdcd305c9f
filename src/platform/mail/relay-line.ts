import type { Readable } from "node:stream";
import SMTPConnection, { type SMTPConnectionOptions, type SMTPEnvelope } from "nodemailer/lib/smtp-connection";
import { must } from "../errors.ts";
import { GatedMessage } from "./gated-message.ts";

/**
 * At which step of a session an answer came. `session`: while a message was sent, but to no step of it: the server ends
 * the session. `here`: the client itself won't say it to a server.
 */
export type Step = "connect" | "auth" | "session" | "mail" | "rcpt" | "data" | "message" | "here";

/** What a relay says. */
export interface Reply {
  readonly kind: "reply";
  readonly step: Step;
  /** Null where the answer has none: nonsense. */
  readonly code: number | null;
  /** With its code, as it came; several lines are joined by line breaks. */
  readonly text: string;
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

/** A send as the library ends it: the server's last reply, or an error. */
type Outcome = { readonly response: string } | SmtpFailure;

/** One SMTP session with the relay. Messages go over it one after the other. */
export class RelayLine {
  readonly #connection: SMTPConnection;
  readonly #totalTimeout: number;
  #isUsable = true;

  private constructor(connection: SMTPConnection, totalTimeout: number) {
    this.#connection = connection;
    this.#totalTimeout = totalTimeout;
    // Also while nothing is sent: whoever takes the line next sees that it is gone.
    connection.on("error", () => this.close());
    connection.once("end", () => this.close());
  }

  /** Connects, upgrades to TLS and signs in. @throws RelayError saying at which step it ended */
  static async open({ auth, totalTimeout, ...options }: LineOptions): Promise<RelayLine> {
    const connection = new SMTPConnection(options);
    // Late ones must find a listener too.
    connection.on("error", () => {});
    try {
      await untilDone(connection, (done) => connection.connect(done));
      if (auth && connection.allowsAuth) await untilDone(connection, (done) => connection.login({ ...auth }, done));
    } catch (cause) {
      const error = cause as SmtpFailure;
      connection.close();
      const step = error.code === "EAUTH" ? "auth" : "connect";
      throw new RelayError(error.message, { kind: "reply", step, ...readReply(error.response) }, { cause });
    }
    return new RelayLine(connection, totalTimeout);
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Lets go of the session, whatever it is in. */
  close(): void {
    this.#isUsable = false;
    this.#connection.close();
  }

  /** Takes leave, and closes. */
  quit(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.#connection.quit();
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
    const source = new GatedMessage(message, handOver, () => this.#joinWrites());
    const outcome = await this.#transmit({ from: envelope.from, to: [envelope.to], size: message.length }, source);
    // Whoever writes the outcome down must come after the commit of the hand-over.
    await source.end();
    return this.#conclude(outcome, source.isReleased);
  }

  /** The last chunk and the final dot leave as one packet: a system call more is as dear as composing the message. */
  #joinWrites(): void {
    const socket = this.#connection._socket;
    if (!socket) return;
    socket.cork();
    setImmediate(() => socket.uncork());
  }

  #transmit(envelope: SMTPEnvelope, source: Readable): Promise<Outcome> {
    return new Promise((resolve) => {
      const tooLong = setTimeout(() => end(new Error("the relay took too long")), this.#totalTimeout);
      const end = (outcome: Outcome) => {
        clearTimeout(tooLong);
        this.#connection.off("end", gone);
        resolve(outcome);
      };
      // After the send's own callback, which knows more.
      const gone = () => setImmediate(end, closedError());
      this.#connection.once("end", gone);
      this.#connection.send(envelope, source, (error, sent) =>
        end(error ?? must(sent, "without an error it was sent")),
      );
    });
  }

  async #conclude(outcome: Outcome, isHandedOver: boolean): Promise<Answer> {
    const answer = answerOf(outcome, isHandedOver);
    const isInStep =
      answer.kind === "reply" &&
      answer.code !== null &&
      answer.code !== 421 &&
      (answer.step === "message" ? isHandedOver : answer.step !== "session");
    if (!isInStep) this.close();
    else if (answer.step === "mail" || answer.step === "rcpt" || answer.step === "data") await this.#reset();
    return answer;
  }

  /** Ends a transaction that was refused half way: the next one would be nested in it. */
  async #reset(): Promise<void> {
    await untilDone(this.#connection, (done) => this.#connection.reset(done)).catch(() => this.close());
  }
}

/** What the library made of it, in our words. */
function answerOf(outcome: Outcome, isHandedOver: boolean): Answer {
  if (!(outcome instanceof Error)) {
    if (isHandedOver) return { kind: "reply", step: "message", ...readReply(outcome.response) };
    return { kind: "lost", isHandedOver, reason: "the relay answered before it had the message" };
  }
  const lost: Answer = { kind: "lost", isHandedOver, reason: outcome.message };
  const step = stepOf(outcome);
  if (outcome.response === undefined) {
    if (outcome.code === "ESTREAM") return { kind: "withheld" };
    if (outcome.code === "EMESSAGE")
      return { kind: "reply", step: "mail", code: 552, text: `552 5.3.4 ${outcome.message}` };
    if (outcome.code === "EENVELOPE") return { kind: "reply", step: "here", code: 501, text: outcome.message };
    return lost;
  }
  const reply = readReply(outcome.response);
  if (step === "message" && isHandedOver) return { kind: "reply", step, ...reply };
  return reply.code === null || outcome.code === "EPROTOCOL" ? lost : { kind: "reply", step, ...reply };
}

/** The step that a reply is to. Of DATA the library names the command and the message alike. */
function stepOf({ code, command }: SmtpFailure): Step {
  if (command === "MAIL FROM") return "mail";
  if (command === "RCPT TO") return "rcpt";
  if (command === "DATA") return code === "EMESSAGE" ? "message" : "data";
  return "session";
}

function readReply(response: string | undefined): Pick<Reply, "code" | "text"> {
  const text = response ?? "";
  const code = /^(\d{3})(?:[ \n-]|$)/.exec(text)?.[1];
  return { code: code === undefined ? null : Number(code), text };
}

function closedError(): Error {
  return new Error("the relay closed the connection");
}

/** Waits for one of the library's callbacks; an error or an end of the connection may take its place. */
async function untilDone(
  connection: SMTPConnection,
  start: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // After the callback, which knows more.
  const gone = () => setImmediate(reject, closedError());
  connection.on("error", reject).once("end", gone);
  try {
    start((error) => (error ? reject(error) : resolve()));
    await promise;
  } finally {
    connection.off("end", gone).off("error", reject);
  }
}
