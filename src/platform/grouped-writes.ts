/** So long a write waits for others to join it. A commit waits for the disk: a hundred may as well wait together. */
const joinMs = 5;

/**
 * Writes many callers' items by few statements: one runs at a time, what comes meanwhile goes by the next.
 * @param write one result for each item, in their order
 * @param most as many as can come at once: when all are there, nobody waits for more
 */
export class GroupedWrites<Item, Result> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #most: number;
  #waiting: { readonly item: Item; resolve(result: Result): void; reject(error: unknown): void }[] = [];
  #isWriting = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(most: number, write: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#most = most;
    this.#write = write;
  }

  /** @returns what the write says of this item, once it is committed */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isWriting) return;
      if (this.#waiting.length >= this.#most) void this.#flush();
      else this.#timer ??= setTimeout(() => void this.#flush(), joinMs);
    });
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const results = await this.#write(group.map(({ item }) => item));
        for (const [at, { resolve }] of group.entries()) resolve(results[at] as Result);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isWriting = false;
  }
}
