import type { Clock } from "../../../platform/clock.ts";
import type { DomainTraffic } from "./domain-limits.ts";
import type { Claimed } from "./recipient-store.ts";

/** How often is looked whether a domain's rate allows the next one. */
const lookMs = 50;

export function domainOf({ emailKey }: Pick<Claimed, "emailKey">): string {
  return emailKey.slice(emailKey.lastIndexOf("@") + 1);
}

/** Recipients that this process has claimed and not sent to yet: filled up before it is empty, taken as domains allow. */
export class RecipientQueue {
  readonly #claim: () => Promise<readonly Claimed[]>;
  readonly #traffic: DomainTraffic;
  readonly #clock: Clock;
  readonly #low: number;
  #queue: Claimed[] = [];
  #claiming: Promise<number> | undefined;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  /** @param low with so few left, more are claimed */
  constructor(claim: () => Promise<readonly Claimed[]>, low: number, traffic: DomainTraffic, clock: Clock) {
    this.#claim = claim;
    this.#low = low;
    this.#traffic = traffic;
    this.#clock = clock;
  }

  /** @returns who is next, or undefined when there is nobody left that may be sent to now, or the queue is closed */
  async next(): Promise<Claimed | undefined> {
    while (!this.#isClosed) {
      const at = this.#queue.findIndex((recipient) => this.#traffic.isFree(domainOf(recipient)));
      const [recipient] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (recipient) {
        this.#traffic.begin(domainOf(recipient));
        if (this.#queue.length < this.#low) this.#fill().catch(() => {});
        return recipient;
      }
      if (this.#queue.length < this.#low) {
        // A claim that was under way may have looked before somebody was put back.
        const isOwn = this.#claiming === undefined;
        if ((await this.#fill()) > 0 || !isOwn) continue;
      }
      if (this.#queue.length === 0) return undefined;
      await Promise.race([this.#changed.promise, this.#clock.sleep(lookMs)]);
    }
    return undefined;
  }

  /** A recipient is dealt with. */
  end(recipient: Claimed, answer: "fine" | "slow_down" | "other"): void {
    this.#traffic.end(domainOf(recipient), answer);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Hands out nobody any more. */
  stop(): void {
    this.#isClosed = true;
  }

  /** The same. @returns who is left, once no claim is under way */
  async close(): Promise<readonly Claimed[]> {
    this.stop();
    await this.#claiming?.catch(() => {});
    return this.#queue.splice(0);
  }

  /** Those who ask meanwhile wait for the same answer. @returns how many came */
  #fill(): Promise<number> {
    this.#claiming ??= this.#claim()
      .then((claimed) => this.#queue.push(...claimed) && claimed.length)
      .finally(() => {
        this.#claiming = undefined;
      });
    return this.#claiming;
  }
}
