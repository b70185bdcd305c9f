import type { Clock } from "../../../platform/clock.ts";
import type { DomainLimits } from "../../../platform/mail/relay.ts";

/** A domain that asked for fewer gets none for so long, and twice as long each further time. */
const firstPauseMs = 60_000;
const longestPauseMs = 30 * 60_000;

interface Domain {
  open: number;
  nextAt: number;
  pauses: number;
  pausedUntil: number;
}

/** Keeps count of what goes to which receiving domain, so that none is flooded. (reliability 1.4 F) */
export class DomainTraffic {
  readonly #limits: DomainLimits;
  readonly #clock: Clock;
  readonly #domains = new Map<string, Domain>();

  constructor(limits: DomainLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Whether a message to this domain may begin now. */
  isFree(name: string): boolean {
    const domain = this.#domains.get(name);
    if (!domain) return true;
    return domain.open < this.#limits.connections && domain.nextAt <= this.#clock.monotonicMs();
  }

  /** Milliseconds for which the domain gets nothing, because it asked for fewer. */
  pauseOf(name: string): number {
    return Math.max(0, (this.#domains.get(name)?.pausedUntil ?? 0) - this.#clock.monotonicMs());
  }

  begin(name: string): void {
    const domain = this.#domains.get(name) ?? { open: 0, nextAt: 0, pauses: 0, pausedUntil: 0 };
    this.#domains.set(name, domain);
    domain.open += 1;
    if (this.#limits.rate > 0) {
      domain.nextAt = Math.max(domain.nextAt, this.#clock.monotonicMs()) + 1000 / this.#limits.rate;
    }
  }

  /** @param answer `fine` when the domain took a message, `slow_down` when it wants fewer */
  end(name: string, answer: "fine" | "slow_down" | "other"): void {
    const domain = this.#domains.get(name);
    if (!domain) return;
    domain.open -= 1;
    if (answer === "fine") domain.pauses = 0;
    if (answer === "slow_down" && this.pauseOf(name) === 0) {
      domain.pausedUntil = this.#clock.monotonicMs() + Math.min(firstPauseMs * 2 ** domain.pauses, longestPauseMs);
      domain.pauses += 1;
    }
    // Thousands of domains come once and never again.
    if (domain.open === 0 && domain.pauses === 0 && domain.nextAt <= this.#clock.monotonicMs())
      this.#domains.delete(name);
  }
}
