import type { Clock } from "../clock.ts";
import { isLoopbackHost } from "./mailer.ts";
import { type LineOptions, RelayLine } from "./relay-line.ts";

export interface RelayOptions {
  /** `smtp://user:password@host:587` (STARTTLS, demanded of any other machine) or `smtps://…` */
  readonly url: string;
  /** The name that this machine says it has. */
  readonly name: string;
  /** Sessions of this process at once. */
  readonly connections: number;
  /** Messages of this process in a second; 0 is no limit. */
  readonly rate: number;
  /** Of each process, for each receiving domain. */
  readonly domainLimits: DomainLimits;
  /** Whom to trust besides the machine's own authorities. */
  readonly tls?: LineOptions["tls"];
  /** Shorter waits, for tests. */
  readonly timeouts?: Partial<Pick<LineOptions, keyof typeof timeouts>>;
}

/** How many messages a receiving domain gets. */
export interface DomainLimits {
  /** At once. */
  readonly connections: number;
  /** In a second; 0 is no limit. */
  readonly rate: number;
}

const second = 1000;
const minute = 60 * second;

/** A wait that ends too early makes duplicates after the final dot, and is rude before it. (RFC 5321, 4.5.3.2) */
const timeouts = {
  connectionTimeout: 2 * minute,
  greetingTimeout: 2 * minute,
  dnsTimeout: 30 * second,
  socketTimeout: 10 * minute,
  totalTimeout: 30 * minute,
};

/** A session that nobody needed for so long is ended before the relay does it. */
const idleMs = 10 * second;

/** The relay that mailings leave by: a process's sessions, kept open and lent out. */
export class Relay {
  readonly connections: number;
  readonly domainLimits: DomainLimits;
  readonly #line: LineOptions;
  readonly #clock: Clock;
  readonly #msEach: number;
  readonly #idle: { readonly line: RelayLine; readonly reap: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #nextAt = 0;

  constructor(options: RelayOptions, clock: Clock) {
    const { hostname, protocol, port, username, password } = new URL(options.url);
    this.connections = options.connections;
    this.domainLimits = options.domainLimits;
    this.#free = options.connections;
    this.#msEach = options.rate === 0 ? 0 : second / options.rate;
    this.#clock = clock;
    this.#line = {
      host: hostname.replace(/^\[|\]$/g, ""),
      secure: protocol === "smtps:",
      requireTLS: protocol === "smtp:" && !isLoopbackHost(hostname),
      name: options.name,
      auth: username === "" ? null : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      ...(options.tls && { tls: options.tls }),
      ...(port !== "" && { port: Number(port) }),
      ...timeouts,
      ...options.timeouts,
    };
  }

  /**
   * Lends a session out, when one is free and the rate allows; opens it if need be. Who waits longest is first.
   * @throws RelayError when there is no session to be had
   */
  async borrow(): Promise<{ readonly line: RelayLine } & Disposable> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      await this.#keepRate();
      const line = this.#takeIdle() ?? (await RelayLine.open(this.#line));
      return { line, [Symbol.dispose]: () => this.#giveBack(line) };
    } catch (error) {
      this.#passOn();
      throw error;
    }
  }

  close(): void {
    for (const { line, reap } of this.#idle.splice(0)) {
      clearTimeout(reap);
      line.quit();
    }
  }

  async #keepRate(): Promise<void> {
    if (this.#msEach === 0) return;
    const now = this.#clock.monotonicMs();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#msEach;
    if (at > now) await this.#clock.sleep(at - now);
  }

  #takeIdle(): RelayLine | undefined {
    for (;;) {
      const taken = this.#idle.pop();
      clearTimeout(taken?.reap);
      if (!taken || taken.line.isUsable) return taken?.line;
    }
  }

  #giveBack(line: RelayLine): void {
    if (line.isUsable) {
      const reap = setTimeout(() => {
        this.#idle.splice(
          this.#idle.findIndex((entry) => entry.line === line),
          1,
        );
        line.quit();
      }, idleMs).unref();
      this.#idle.push({ line, reap });
    }
    this.#passOn();
  }

  #passOn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
