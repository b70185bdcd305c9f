import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type Fault, findFault } from "./faults.ts";

/** Writes one answer with back-pressure, in chunks, and with whatever goes wrong on the wire. */
export class Answer {
  readonly #response: ServerResponse;
  readonly #faults: readonly Fault[];
  #buffered = "";
  #sent = 0;
  #isBroken = false;

  constructor(response: ServerResponse, faults: readonly Fault[]) {
    this.#response = response;
    this.#faults = faults;
  }

  /** Whether nobody listens any more: the maker of rows stops too. */
  get isBroken(): boolean {
    return this.#isBroken || this.#response.destroyed;
  }

  /** Adds text; returns a promise only when the caller should wait. */
  add(text: string): Promise<void> | undefined {
    this.#buffered += text;
    return this.#buffered.length >= 65536 ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    if (this.isBroken || this.#buffered === "") return;
    const bytes = this.#spoil(Buffer.from(this.#buffered));
    this.#buffered = "";
    const end =
      findFault(this.#faults, "truncate") ?? findFault(this.#faults, "reset") ?? findFault(this.#faults, "stall");
    const limit = end ? (end.afterBytes ?? 0) : Number.POSITIVE_INFINITY;
    const chunk = bytes.subarray(0, Math.max(0, limit - this.#sent));
    await this.#write(chunk);
    if (this.#sent < limit || !end) return;
    this.#isBroken = true;
    if (end.kind === "truncate") this.#response.end();
    else if (end.kind === "reset") this.#response.socket?.resetAndDestroy();
  }

  async end(): Promise<void> {
    await this.flush();
    if (!this.isBroken) this.#response.end();
  }

  async #write(chunk: Buffer): Promise<void> {
    const drip = findFault(this.#faults, "drip");
    const piece = drip ? Math.max(1, Math.ceil((drip.value ?? 10) / 10)) : chunk.length;
    for (let at = 0; at < chunk.length && !this.#response.destroyed; at += piece) {
      const part = chunk.subarray(at, at + piece);
      this.#sent += part.length;
      if (!this.#response.write(part)) await this.#room();
      if (drip) await wait(100);
    }
  }

  /** Waits until the socket takes more, or nobody listens any more. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#response.off("drain", done).off("close", done);
        resolve();
      };
      this.#response.on("drain", done).on("close", done);
      if (this.#response.destroyed) done();
    });
  }

  #spoil(bytes: Buffer): Buffer {
    if (!findFault(this.#faults, "bad_utf8")) return bytes;
    const spoilt = Buffer.from(bytes);
    const at = spoilt.lastIndexOf("</Result>");
    if (at > 0) spoilt[at - 1] = 0xff;
    return spoilt;
  }
}
