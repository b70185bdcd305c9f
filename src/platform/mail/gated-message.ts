import { Readable } from "node:stream";

/** So much of a message waits for the hand-over: the end of its last boundary, without which nobody takes it for whole. */
const lastChunkBytes = 64;

/** A message as a stream whose last chunk leaves only when it may. Withheld, it breaks off with an error. */
export class GatedMessage extends Readable {
  readonly #message: Buffer;
  readonly #handOver: () => Promise<boolean>;
  readonly #onRelease: () => void;
  #asked: Promise<void> | undefined;
  #isStarted = false;
  #isReleased = false;

  /**
   * @param handOver asked when all but the last chunk is on its way; false, or a throw, withholds it
   * @param onRelease called right before the last chunk is let go
   */
  constructor(message: Buffer, handOver: () => Promise<boolean>, onRelease: () => void) {
    super();
    this.#message = message;
    this.#handOver = handOver;
    this.#onRelease = onRelease;
    this.on("error", () => {});
  }

  /** Whether the last chunk was let go: from then on, nobody can know what the server has. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  override _read(): void {
    const cut = Math.max(0, this.#message.length - lastChunkBytes);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.push(this.#message.subarray(0, cut));
    } else this.#asked ??= this.#ask(cut);
  }

  /** Ends it, whatever it waits for, and waits until it waits for nothing. */
  async end(): Promise<void> {
    this.destroy();
    await this.#asked;
  }

  async #ask(cut: number): Promise<void> {
    const mayGo = await this.#handOver().catch(() => false);
    if (!mayGo || this.destroyed) return void this.destroy(new Error("withheld"));
    this.#isReleased = true;
    this.#onRelease();
    this.push(this.#message.subarray(cut));
    this.push(null);
  }
}
