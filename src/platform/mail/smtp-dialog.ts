import type { Socket } from "node:net";

/** One answer of a server, all its lines. */
export interface ServerReply {
  /** Null where it has none: nonsense. */
  readonly code: number | null;
  /** As it came, with its code; lines are joined by line breaks. */
  readonly text: string;
}

/** No server says so much at once. */
const longestReply = 64 * 1024;

/** Says and hears on an SMTP session: commands go out as they are, answers come back one by one, in their order. */
export class SmtpDialog {
  readonly #socket: Socket;
  readonly #replies: ServerReply[] = [];
  #waiting: { resolve(reply: ServerReply): void; reject(error: Error): void } | undefined;
  #unread = "";
  #lines: string[] = [];
  #end: Error | undefined;

  /** @param silenceMs how long the server may say nothing while it is listened to */
  constructor(socket: Socket, silenceMs: number) {
    this.#socket = socket;
    socket.setTimeout(silenceMs);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("timeout", () => this.close("the relay did not answer in time"));
    socket.on("error", (error) => this.close(error.message));
    socket.on("close", () => this.close("the relay closed the connection"));
  }

  get isOpen(): boolean {
    return this.#end === undefined && this.#socket.writable;
  }

  /** Whether something came that nobody has asked for yet. */
  get hasReply(): boolean {
    return this.#replies.length > 0;
  }

  say(bytes: string | Buffer): void {
    if (this.isOpen) this.#socket.write(bytes);
  }

  /** Says two things as one packet: a system call more is as dear as composing a message. */
  sayTogether(first: Buffer, second: Buffer): void {
    this.#socket.cork();
    this.say(first);
    this.say(second);
    this.#socket.uncork();
  }

  /** The next answer. @throws Error when the session ends before it */
  async hear(): Promise<ServerReply> {
    const reply = this.#replies.shift();
    if (reply) return reply;
    if (this.#end) throw this.#end;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** Ends the session at once. Whoever listens hears why. */
  close(reason = "closed"): void {
    if (this.#end) return;
    this.#end = new Error(reason);
    this.#socket.destroy();
    this.#waiting?.reject(this.#end);
    this.#waiting = undefined;
  }

  /** Takes leave; what is said has time to arrive. */
  quit(): void {
    if (!this.isOpen) return;
    this.#end = new Error("closed");
    this.#socket.end("QUIT\r\n");
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #read(chunk: Buffer): void {
    const lines = (this.#unread + chunk.toString("latin1")).split("\n");
    this.#unread = lines.pop() ?? "";
    for (const line of lines) this.#take(line.replace(/\r$/, ""));
    const unread = this.#lines.reduce((sum, line) => sum + line.length, this.#unread.length);
    if (unread > longestReply) this.close("the relay's answer has no end");
  }

  #take(line: string): void {
    if (line === "" && this.#lines.length === 0) return;
    this.#lines.push(line);
    if (/^\d{3}-/.test(line)) return;
    const text = decode(this.#lines.join("\n"));
    this.#lines = [];
    const code = /^(\d{3})(?: |$)/.exec(line)?.[1];
    const reply = { code: code === undefined ? null : Number(code), text };
    if (this.#waiting) {
      this.#waiting.resolve(reply);
      this.#waiting = undefined;
    } else this.#replies.push(reply);
  }
}

/** The text has no charset by any standard: UTF-8 where it can be, else Latin-1. */
function decode(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return text.includes("\ufffd") ? bytes : text;
}
