import type { Connector, Session, SessionSettings } from "../../connectors/connector.ts";
import type { BridgeId } from "./bridge.ts";

/** A session lent to one sync. Give it back after success; drop it when anything went wrong with it. */
export interface Loan {
  readonly session: Session;
  giveBack(): void;
  drop(): Promise<void>;
}

interface Idle {
  readonly session: Session;
  readonly version: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * Keeps sessions open for the next sync of the same bridge: two thousand nightly syncs sign in four times, not two
 * thousand. How many are lent at once is decided on our rows (product 1.4), not here.
 */
export class SessionPool {
  readonly #idle = new Map<BridgeId, Idle[]>();
  readonly #idleMilliseconds: number;

  constructor(idleMilliseconds = 15_000) {
    this.#idleMilliseconds = idleMilliseconds;
  }

  /**
   * @param version the bridge's: a session opened with older settings is not lent again
   * @param settings asked for only when a session must be opened
   */
  async borrow(
    connector: Connector,
    bridge: BridgeId,
    version: number,
    settings: () => Promise<SessionSettings>,
  ): Promise<Loan> {
    const session = this.#take(bridge, version) ?? connector.open(await settings());
    return {
      session,
      giveBack: () => this.#keep(bridge, version, session),
      drop: async () => session[Symbol.asyncDispose](),
    };
  }

  async close(): Promise<void> {
    const all = [...this.#idle.values()].flat();
    this.#idle.clear();
    for (const idle of all) clearTimeout(idle.timer);
    await Promise.all(all.map((idle) => idle.session[Symbol.asyncDispose]()));
  }

  #take(bridge: BridgeId, version: number): Session | undefined {
    const idle = this.#idle.get(bridge)?.pop();
    if (!idle) return undefined;
    clearTimeout(idle.timer);
    if (idle.version === version) return idle.session;
    void idle.session[Symbol.asyncDispose]();
    return this.#take(bridge, version);
  }

  #keep(bridge: BridgeId, version: number, session: Session): void {
    const list = this.#idle.get(bridge) ?? [];
    const timer = setTimeout(() => {
      list.splice(list.indexOf(idle), 1);
      void session[Symbol.asyncDispose]();
    }, this.#idleMilliseconds);
    const idle: Idle = { session, version, timer: timer.unref() };
    list.push(idle);
    this.#idle.set(bridge, list);
  }
}
