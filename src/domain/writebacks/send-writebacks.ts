import { must } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import type { JobRun } from "../../platform/jobs.ts";
import { selectAccount } from "../accounts/store.ts";
import type { Bridge, BridgeId } from "../bridges/bridge.ts";
import { whyNotUsable } from "../bridges/get-bridge.ts";
import { insertSession } from "../bridges/session-store.ts";
import { lockBridge, selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { foldCounts } from "./count-store.ts";
import { Lane } from "./lane.ts";
import { openSessions } from "./open-sessions.ts";
import { isAnyDue, type Taken, takeDue, updateWritebacksAskedAt } from "./send-store.ts";
import { mayOpenSession, mustGiveSession } from "./share-sessions.rules.ts";
import { readShares } from "./share-sessions.ts";
import { StepWriter } from "./step-writer.ts";
import { daysShown } from "./writeback.ts";

/** Taken at a time for each session: some seconds' work, so that a cut-off leaves little to ask the AMS about. */
const takenAtOnce = 40;

/**
 * Sends what of a bridge's writebacks is due, by as many sessions as it may have, until nothing is left, it may not be
 * called, the process stops or its turn is over. Several processes may be at it; each person is sent once. (product 5.1)
 * @param isTurnOver true when others should have their turn: what is under way is still ended
 * @returns whether the turn ended before the work
 */
export async function sendWritebacks(
  ctx: AccountContext,
  bridgeId: BridgeId,
  run: JobRun,
  isTurnOver: () => boolean = () => false,
): Promise<boolean> {
  return new Sending(ctx, bridgeId, run, isTurnOver).run();
}

/** One process's run over one bridge's writebacks. */
class Sending {
  readonly #ctx: AccountContext;
  readonly #bridgeId: BridgeId;
  readonly #run: JobRun;
  readonly #isTurnOver: () => boolean;
  readonly #steps: StepWriter;
  readonly #lanes = new Set<Promise<void>>();
  /** Why nothing more is sent in this run, though something waits. */
  #isStopped = false;
  #hasTurnEnded = false;

  constructor(ctx: AccountContext, bridgeId: BridgeId, run: JobRun, isTurnOver: () => boolean) {
    this.#ctx = ctx;
    this.#bridgeId = bridgeId;
    this.#run = run;
    this.#isTurnOver = isTurnOver;
    this.#steps = new StepWriter(ctx);
  }

  async run(): Promise<boolean> {
    await this.#grow();
    const failures: unknown[] = [];
    // A lane may open another while it runs.
    while (this.#lanes.size > 0) {
      for (const lane of await Promise.allSettled(this.#lanes))
        if (lane.status === "rejected") failures.push(lane.reason);
    }
    if (failures.length > 0) throw failures[0];
    await this.#foldCounts();
    return this.#hasTurnEnded && !this.#isStopped && !this.#run.signal.aborted;
  }

  /** Nobody leaves more lines behind than who sends. */
  async #foldCounts(): Promise<void> {
    const { accountId, clock, db } = this.#ctx;
    const before = clock.now().subtract({ hours: 24 * (daysShown + 2) });
    await db.transaction(accountId, (tx) => foldCounts(tx, accountId, before));
  }

  /** Opens one more lane, if a session is free and something is due for it. */
  async #grow(): Promise<void> {
    if (this.#isStopped || this.#run.signal.aborted) return;
    const opened = await this.#openSession();
    if (!opened) return;
    const { bridge, session } = opened;
    const lane = new Lane(this.#ctx, bridge, session, this.#steps, this.#run.signal, {
      take: () => this.#take(session),
      stop: () => {
        this.#isStopped = true;
      },
      isStopped: () => this.#isStopped,
    });
    const running = lane.run().finally(() => {
      openSessions.delete(session);
      this.#lanes.delete(running);
    });
    this.#lanes.add(running);
    running.catch(() => {}); // met by whoever waits for all
  }

  /** Decides under the bridge's row, as those who take syncs do. (product 1.4) */
  async #openSession(): Promise<{ readonly bridge: Bridge; readonly session: string } | undefined> {
    const { accountId, clock, db } = this.#ctx;
    const session = newId();
    // Before the commit: this process's own sweep must not take it for one that nobody knows of.
    openSessions.add(session);
    let bridge: Bridge | undefined;
    try {
      bridge = await db.transaction(accountId, async (tx) => {
        const held = await lockBridge(tx, accountId, this.#bridgeId);
        if (!held || !(await this.#mayCall(tx, held))) return undefined;
        if (!(await isAnyDue(tx, accountId, held.id, clock.now()))) return undefined;
        const { processId } = this.#run;
        const shares = await readShares(tx, this.#ctx, held, processId);
        if (!mayOpenSession(shares)) {
          if (shares.isOverdue) await updateWritebacksAskedAt(tx, accountId, held.id, clock.now());
          return undefined;
        }
        await insertSession(tx, accountId, { id: session, bridgeId: held.id, processId }, clock.now());
        return held;
      });
    } finally {
      if (!bridge) openSessions.delete(session);
    }
    return bridge && { bridge, session };
  }

  /** The next ones for a lane; none when it should end. */
  async #take(session: string): Promise<readonly Taken[]> {
    if (this.#isStopped || this.#run.signal.aborted) return [];
    if (this.#isTurnOver()) {
      this.#hasTurnEnded = true;
      return [];
    }
    const { accountId, clock, db } = this.#ctx;
    const taken = await db.transaction(accountId, async (tx) => {
      const bridge = must(await selectBridge(tx, accountId), "a bridge stays");
      if (!(await this.#mayCall(tx, bridge))) return [];
      if (mustGiveSession(await readShares(tx, this.#ctx, bridge, this.#run.processId))) return [];
      // One alone tries whether the AMS is back.
      const most = bridge.health.failuresInARow > 0 ? 1 : takenAtOnce;
      return takeDue(tx, accountId, bridge.id, session, most, clock.now());
    });
    if (taken.length === takenAtOnce) await this.#grow();
    return taken;
  }

  async #mayCall(tx: Parameters<typeof selectBridge>[0], bridge: Bridge): Promise<boolean> {
    const account = await selectAccount(tx, this.#ctx.accountId);
    if (account?.suspendedAt || whyNotUsable(bridge)) return false;
    const { probeAt } = bridge.health;
    return !probeAt || Temporal.Instant.compare(this.#ctx.clock.now(), probeAt) >= 0;
  }
}
