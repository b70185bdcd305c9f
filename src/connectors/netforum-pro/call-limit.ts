/**
 * Ends one call when its caller gives up or its time is over. `AbortSignal.timeout` would stand until then, an hour
 * after a call of a second; this is cleared with the call.
 */
export class CallLimit {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #isOverdue = false;

  constructor(caller: AbortSignal, totalTimeoutMs: number) {
    this.#caller = caller;
    this.#timer = setTimeout(this.#expire, totalTimeoutMs).unref();
    if (caller.aborted) this.#giveUp();
    else caller.addEventListener("abort", this.#giveUp, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the call's own time was over before its caller gave up. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  /** The call has ended: nothing waits for it any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener("abort", this.#giveUp);
  }

  readonly #giveUp = () => this.#controller.abort(this.#caller.reason);

  readonly #expire = () => {
    this.#isOverdue = !this.#caller.aborted;
    this.#controller.abort();
  };
}
