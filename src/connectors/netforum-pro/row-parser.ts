import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { AmsError, type AmsErrorKind } from "../connector.ts";
import { type Answer, cellSeparator, type Expectation, rowSeparator } from "./answer-reader.ts";
import type { Bounds } from "./bounds.ts";

export type ToWorker =
  | { readonly type: "begin"; readonly expected: Expectation; readonly bounds: Bounds }
  | { readonly type: "chunk"; readonly bytes: Uint8Array }
  | { readonly type: "end" };

export type FromWorker =
  | { readonly type: "taken" }
  | { readonly type: "rows"; readonly text: string; readonly rows: number }
  | { readonly type: "done"; readonly answer: Answer }
  | {
      readonly type: "failed";
      readonly kind: AmsErrorKind;
      readonly message: string;
      readonly detail: string | undefined;
    };

/** Chunks on their way to the worker, and batches on their way back: the memory of one read. */
const mostChunks = 8;
const mostBatches = 4;

/**
 * Reads answers in a worker thread, one at a time. Holds at most a few chunks and batches, however large the answer:
 * when the consumer is slow, nothing more is taken from the network.
 */
export class RowParser implements AsyncDisposable {
  #worker: Worker | undefined;

  /**
   * @param chunks the answer's bytes
   * @returns batches of rows, each row its wanted columns as text; the generator's return value is what else it said
   * @throws AmsError when the answer is not a whole, good one; rows handed out before are then part of nothing
   */
  async *read(
    chunks: AsyncIterable<Uint8Array>,
    expected: Expectation,
    bounds: Bounds,
  ): AsyncGenerator<string[][], Answer> {
    const exchange = new Exchange(this.#start());
    let isDone = false;
    exchange.pump(chunks, expected, bounds);
    try {
      for (;;) {
        const message = await exchange.next();
        if (message.type === "rows") yield message.text.split(rowSeparator).map((row) => row.split(cellSeparator));
        else if (message.type === "failed")
          throw new AmsError(message.kind, message.message, { detail: message.detail });
        else if (message.type === "done") {
          isDone = true;
          return message.answer;
        }
      }
    } finally {
      exchange.close();
      // Left in the middle, the thread would go on with an answer that nobody wants: the next read gets a new one.
      if (!isDone) await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL("./parse-worker.ts", import.meta.url), {
      // Small spaces: rows live for a moment, and a large young space would only wait to be filled.
      resourceLimits: { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 256 },
    });
    worker.on("error", () => {}); // whoever reads hears of it
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}

/** One answer's traffic with the worker: bytes out, rows in, both bounded. */
class Exchange {
  readonly #worker: Worker;
  readonly #inbox: FromWorker[] = [];
  readonly #waiting = new Set<() => void>();
  #underWay = 0;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", this.#receive).on("error", this.#crash);
  }

  pump(chunks: AsyncIterable<Uint8Array>, expected: Expectation, bounds: Bounds): void {
    this.#send({ type: "begin", expected, bounds });
    this.#pumpAll(chunks).catch(this.#fail);
  }

  /** The next thing the worker has to say. @throws what broke the traffic: the network, or the worker itself */
  async next(): Promise<FromWorker> {
    for (;;) {
      const message = this.#inbox.shift();
      if (message) {
        this.#wake();
        // Batches that wait would be worked off in one go: in between, others of this thread have their turn.
        if (message.type === "rows") await nextTurn();
        return message;
      }
      // What arrived before the network broke is read first: a retry goes on behind it.
      if (this.#failure && this.#underWay === 0) throw this.#failure;
      await this.#change();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#worker.off("message", this.#receive).off("error", this.#crash);
    this.#wake();
  }

  async #pumpAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      while (this.#isFull && !this.#isClosed) await this.#change();
      if (this.#isClosed || this.#failure) return;
      // A copy of its own: the network's buffer is shared with other slices, and must not be handed away.
      const bytes = new Uint8Array(chunk);
      this.#underWay += 1;
      this.#send({ type: "chunk", bytes }, [bytes.buffer]);
    }
    this.#send({ type: "end" });
  }

  get #isFull(): boolean {
    return this.#underWay >= mostChunks || this.#inbox.length >= mostBatches;
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  readonly #receive = (message: FromWorker) => {
    if (message.type === "taken") this.#underWay -= 1;
    else this.#inbox.push(message);
    this.#wake();
  };

  readonly #fail = (error: unknown) => {
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#wake();
  };

  /** The thread itself died: of an answer too large for it, what else. */
  readonly #crash = (cause: Error) => {
    this.#underWay = 0;
    const message = "netFORUM Pro's answer needs more memory than one answer may take; nothing was changed.";
    this.#fail(new AmsError("limit", message, { detail: cause.message, cause }));
  };

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    const woken = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of woken) resolve();
  }
}
