import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A mail as it was caught: its envelope, and where its bytes are. */
export interface Caught {
  /** From 1 on, in the order in which they came. */
  readonly id: number;
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  /** The Subject field as it stands in the mail, encoded. */
  readonly subject: string;
  readonly bytes: number;
  /** Where its bytes begin in the file. */
  readonly offset: number;
}

/**
 * Caught mails in one file, each a line of JSON before its bytes. Only added to; a mail is in it before the sender hears
 * that it was taken, so the file is the truth about who got what.
 */
export class MailFile {
  readonly mails: Caught[] = [];
  readonly #file: number;
  #end = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = openSync(join(folder, "mails"), "a+");
    this.#readAll();
  }

  add(envelope: Pick<Caught, "from" | "to">, raw: Buffer, at: string): Caught {
    const head = { ...envelope, at, subject: subjectOf(raw), bytes: raw.length };
    const line = Buffer.from(`${JSON.stringify(head)}\n`);
    writeSync(this.#file, Buffer.concat([line, raw, Buffer.from("\n")]));
    return this.#keep(head, line.length);
  }

  /** A mail's bytes. */
  read({ offset, bytes }: Caught): Buffer {
    const raw = Buffer.alloc(bytes);
    readSync(this.#file, raw, 0, bytes, offset);
    return raw;
  }

  close(): void {
    closeSync(this.#file);
  }

  #keep(head: Omit<Caught, "id" | "offset">, lineBytes: number): Caught {
    const caught = { ...head, id: this.mails.length + 1, offset: this.#end + lineBytes };
    this.mails.push(caught);
    this.#end = caught.offset + caught.bytes + 1;
    return caught;
  }

  /** What an earlier run has caught. A mail that was cut off in the middle was never answered for: it goes. */
  #readAll(): void {
    const { size } = fstatSync(this.#file);
    const window = Buffer.alloc(64 * 1024);
    while (this.#end < size) {
      const read = readSync(this.#file, window, 0, window.length, this.#end);
      const length = window.subarray(0, read).indexOf("\n") + 1;
      const head =
        length > 0 ? (JSON.parse(window.toString("utf8", 0, length)) as Omit<Caught, "id" | "offset">) : null;
      if (!head || this.#end + length + head.bytes + 1 > size) {
        ftruncateSync(this.#file, this.#end);
        return;
      }
      this.#keep(head, length);
    }
  }
}

function subjectOf(raw: Buffer): string {
  const head = raw.toString("latin1", 0, Math.min(raw.length, 16 * 1024)).split("\r\n\r\n", 1)[0] ?? "";
  return (/^Subject:[ \t]*(.*(?:\r\n[ \t].*)*)/im.exec(head)?.[1] ?? "").replace(/\r\n/g, "");
}
