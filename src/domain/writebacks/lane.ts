import { AmsError, type DoNotEmailChange } from "../../connectors/connector.ts";
import { crashPoint } from "../../platform/crash-point.ts";
import { must } from "../../platform/errors.ts";
import type { Bridge } from "../bridges/bridge.ts";
import { connectorOf, openSettings } from "../bridges/get-bridge.ts";
import { healthAfter } from "../bridges/health.rules.ts";
import type { Loan } from "../bridges/session-pool.ts";
import { deleteSession } from "../bridges/session-store.ts";
import { clearBridgeTrouble, lockBridge, updateBridgeHealth } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { tell } from "../events/tell.ts";
import { isSiteFailure, mostSiteFailures, outcomeOfFailure } from "./outcome.rules.ts";
import { releaseWritebacks, type Taken, updateFailedTry, updateWritebacksEndedAt } from "./send-store.ts";
import type { StepWriter } from "./step-writer.ts";
import { noteSent, noteTryFailed } from "./writeback-metrics.ts";

/** With so few left in hand, more are taken while calls go on. */
const fewLeft = 20;
/** A session waits no longer than this because the AMS asked to; who must wait longer gives the session back. */
const longestPauseMs = 60_000;

/** What a lane asks of the run that it belongs to. */
interface Run {
  /** More to send; none when the lane should end. */
  take(): Promise<readonly Taken[]>;
  /** No lane may go on: the AMS refuses us, or isn't there. */
  stop(): void;
  isStopped(): boolean;
}

/** A person whose flag is set, and who still lacks the line in the history. */
interface Behind {
  readonly writeback: Taken;
  /** Whether the step was written while the writeback was still ours. */
  readonly noted: Promise<boolean>;
}

/**
 * One session's way through what is due. Its calls go one after another, so our own writing must not stand between
 * them: while one person's flag step is committed the next one's flag is set, and only then comes the first one's
 * history. That step is what keeps the history from being written twice: after a crash, it says whether it was begun.
 */
export class Lane {
  readonly #ctx: AccountContext;
  readonly #bridge: Bridge;
  readonly #id: string;
  readonly #steps: StepWriter;
  readonly #signal: AbortSignal;
  readonly #run: Run;
  #loan: Loan | undefined;
  #queue: Taken[] = [];
  #taking: Promise<void> | undefined;
  #isDry = false;
  #behind: Behind | undefined;
  /** Whose calls may be under way. */
  readonly #begun = new Set<number>();
  readonly #writing = new Set<Promise<void>>();
  #siteFailures = 0;
  #isHealthKnown = false;

  constructor(ctx: AccountContext, bridge: Bridge, id: string, steps: StepWriter, signal: AbortSignal, run: Run) {
    this.#ctx = ctx;
    this.#bridge = bridge;
    this.#id = id;
    this.#steps = steps;
    this.#signal = signal;
    this.#run = run;
    this.#isHealthKnown = bridge.health.failuresInARow === 0;
  }

  /** Sends until nothing is left for it, then gives its session and what it still has in hand back. */
  async run(): Promise<void> {
    try {
      for (let next = await this.#next(); next; next = await this.#next()) {
        if (!(await this.#send(next))) return;
      }
      if (!this.#run.isStopped()) await this.#endBehind();
    } finally {
      await this.#close();
    }
  }

  async #next(): Promise<Taken | undefined> {
    if (this.#signal.aborted || this.#run.isStopped()) return undefined;
    if (this.#queue.length <= fewLeft && !this.#isDry && !this.#taking) {
      this.#taking = this.#take();
      this.#taking.catch(() => {}); // met when the queue is empty
    }
    if (this.#queue.length === 0) await this.#taking;
    return this.#queue.shift();
  }

  async #take(): Promise<void> {
    const taken = await this.#run.take();
    crashPoint("writeback.after_take");
    this.#queue.push(...taken);
    this.#isDry = taken.length === 0;
    this.#taking = undefined;
  }

  /** @returns whether the lane may go on */
  async #send(writeback: Taken): Promise<boolean> {
    this.#begun.add(writeback.id);
    try {
      if (!writeback.flagSetAt && !writeback.leavesFlag) await this.#setFlag(writeback);
      const noted = writeback.flagSetAt ? Promise.resolve(true) : this.#note(writeback, "flag_set");
      noted.catch(() => {}); // met when its turn comes
      if (!(await this.#endBehind())) return false;
      this.#behind = { writeback, noted };
      return true;
    } catch (error) {
      // Where it may not go on, no call goes any more: the one behind waits for another lane.
      return (await this.#fail(writeback, error)) && (await this.#endBehind());
    }
  }

  async #setFlag(writeback: Taken): Promise<void> {
    const { session } = await this.#borrow();
    const change = toChange(writeback);
    crashPoint("writeback.before_flag");
    const stands = writeback.isUnsure ? await session.readDoNotEmail(change.remoteId, this.#signal) : undefined;
    if (stands !== change.doNotEmail) await session.setDoNotEmail(change, this.#signal);
    crashPoint("writeback.after_flag");
    this.#siteFailures = 0;
    await this.#noteAnswer();
  }

  /** Ends the one whose flag was set before. @returns whether the lane may go on */
  async #endBehind(): Promise<boolean> {
    const behind = this.#behind;
    this.#behind = undefined;
    if (!behind) return true;
    const { writeback } = behind;
    // Taken over meanwhile, by somebody who thought this process dead: it is theirs to end.
    if (!(await behind.noted)) return true;
    try {
      const { session } = await this.#borrow();
      crashPoint("writeback.before_history");
      const mayBeThere = writeback.isUnsure && writeback.flagSetAt !== null;
      await session.recordDoNotEmail(toChange(writeback), mayBeThere, this.#signal);
      crashPoint("writeback.after_history");
    } catch (error) {
      return this.#fail({ ...writeback, flagSetAt: writeback.flagSetAt ?? this.#ctx.clock.now() }, error);
    }
    this.#siteFailures = 0;
    // Not waited for: the next call goes meanwhile.
    const writing = this.#note(writeback, "sent").then((isOurs) => {
      crashPoint("writeback.after_sent");
      this.#begun.delete(writeback.id);
      if (isOurs) noteSent(this.#ctx, writeback);
    });
    this.#track(writing);
    return true;
  }

  #note(writeback: Taken, step: "flag_set" | "sent"): Promise<boolean> {
    return this.#steps.note({ id: writeback.id, session: this.#id, step });
  }

  #track(writing: Promise<void>): void {
    this.#writing.add(writing);
    writing.then(
      () => this.#writing.delete(writing),
      () => {}, // met when the lane ends
    );
  }

  /** Says what became of a failed try. @returns whether the lane may go on. @throws what is no answer of the AMS's */
  async #fail(writeback: Taken, error: unknown): Promise<boolean> {
    if (!(error instanceof AmsError)) throw error;
    const { kind, message, detail } = error;
    // Asked to stop: it is let go with the rest, as one that may be under way.
    if (kind === "cancelled") return false;
    if (kind === "credentials") {
      this.#begun.delete(writeback.id);
      await this.#noteFailure(error);
      return false;
    }
    const outcome = outcomeOfFailure(kind, writeback, this.#ctx.clock.now());
    const failed = { ...outcome, error: { kind, message, detail } };
    await this.#ctx.db.transaction(this.#ctx.accountId, async (tx) => {
      const { accountId, clock } = this.#ctx;
      const { id, type, remoteId } = writeback;
      const state = await updateFailedTry(tx, accountId, id, this.#id, failed, clock.now());
      if (state !== "failed") return;
      await tell(tx, this.#ctx, "writeback.failed", [{ writebackId: id, type, remoteId, reason: message }]);
    });
    this.#begun.delete(writeback.id);
    noteTryFailed(this.#ctx, writeback, failed);
    if (!isSiteFailure(kind)) {
      this.#siteFailures = 0;
      await this.#noteAnswer();
      return true;
    }
    this.#siteFailures += 1;
    // Before the first answer one is enough: it was the circuit's probe.
    if (this.#siteFailures >= mostSiteFailures || !this.#isHealthKnown || (error.retryAfterMs ?? 0) > longestPauseMs) {
      await this.#noteFailure(error);
      return false;
    }
    if (error.retryAfterMs) await this.#ctx.clock.sleep(error.retryAfterMs, this.#signal).catch(() => {});
    return true;
  }

  /** The bridge's circuit counts it, and refused credentials need a person: no lane goes on. */
  async #noteFailure(error: AmsError): Promise<void> {
    this.#run.stop();
    const { accountId, clock, db } = this.#ctx;
    await db.transaction(accountId, async (tx) => {
      const bridge = must(await lockBridge(tx, accountId, this.#bridge.id), "a bridge stays");
      // What was refused has been replaced since: it says nothing about what is stored now.
      if (error.kind === "credentials" && bridge.version !== this.#bridge.version) return;
      // Whatever stood in the AMS's place, it was not there.
      const kind = error.kind === "credentials" ? "credentials" : "unreachable";
      const health = healthAfter(bridge.health, { kind, message: error.message }, clock.now());
      await updateBridgeHealth(tx, accountId, bridge.id, health);
    });
    this.#ctx.log.warn({ bridge: this.#bridge.id, error: error.message, detail: error.detail }, "writebacks stopped");
  }

  /** The AMS answered: the circuit closes. */
  async #noteAnswer(): Promise<void> {
    if (this.#isHealthKnown) return;
    this.#isHealthKnown = true;
    const { accountId, db } = this.#ctx;
    await db.transaction(accountId, (tx) => clearBridgeTrouble(tx, accountId, this.#bridge.id));
  }

  async #borrow(): Promise<Loan> {
    const { sessions } = this.#ctx;
    this.#loan ??= await sessions.borrow(
      connectorOf(this.#ctx, this.#bridge),
      this.#bridge.id,
      this.#bridge.version,
      () => openSettings(this.#ctx, this.#bridge),
    );
    return this.#loan;
  }

  /** Ends what is being written, lets go of the rest, and gives the session back. */
  async #close(): Promise<void> {
    await this.#taking?.catch(() => {});
    await Promise.allSettled(this.#writing);
    const { accountId, clock, db } = this.#ctx;
    try {
      await db.transaction(accountId, async (tx) => {
        await releaseWritebacks(tx, accountId, this.#id, [...this.#begun], clock.now());
        await deleteSession(tx, accountId, this.#id);
        await updateWritebacksEndedAt(tx, accountId, this.#bridge.id, clock.now());
      });
    } finally {
      if (this.#signal.aborted || this.#siteFailures > 0) await this.#loan?.drop();
      else this.#loan?.giveBack();
    }
  }
}

function toChange({ remoteId, type, decidedAt, reason }: Taken): DoNotEmailChange {
  const doNotEmail = type !== "resubscribe";
  return { remoteId, doNotEmail, at: decidedAt, reason: historyText(type, reason) };
}

const words = { unsubscribe: "Unsubscribed", resubscribe: "Resubscribed", bad_email: "Bad e-mail" } as const;

/** What the person's history in the AMS says. */
function historyText(type: Taken["type"], reason: string | null): string {
  return reason === null ? `${words[type]} in Lockstep` : `${words[type]} in Lockstep: ${reason}`;
}
