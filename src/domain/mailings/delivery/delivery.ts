import { crashPoint } from "../../../platform/crash-point.ts";
import { describeError } from "../../../platform/errors.ts";
import { GroupedWrites } from "../../../platform/grouped-writes.ts";
import type { JobRun } from "../../../platform/jobs.ts";
import type { Relay } from "../../../platform/mail/relay.ts";
import { type Answer, RelayError } from "../../../platform/mail/relay-line.ts";
import type { AccountContext } from "../../context.ts";
import type { HoldKind } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { holdInstance } from "../publish/hold-instance.ts";
import { mostConnectionErrors, pauseAfterErrors } from "./breaker.rules.ts";
import type { Mail } from "./compose-mailing.ts";
import { noteHandOver } from "./delivery-metrics.ts";
import { DomainTraffic } from "./domain-limits.ts";
import { outcomeOf } from "./outcome.rules.ts";
import { domainOf, RecipientQueue } from "./recipient-queue.ts";
import { type Claimed, claimRecipients, type Hands, type Outcome, updateHandingOver } from "./recipient-store.ts";
import { type Verdict, verdictOf } from "./reply.rules.ts";
import { writeOutcomes } from "./write-outcomes.ts";

/** Claimed at a time, for each session: few enough to go back soon, many enough to make the claim cheap. */
const claimedPerLane = 20;
/** While the database is away, an outcome is kept in hand. */
const outcomeRetryMs = 1000;

/** One run of one process over one instance's recipients. */
export class Delivery {
  readonly #ctx: AccountContext;
  readonly #relay: Relay;
  readonly #hands: Hands;
  readonly #compose: (recipient: Claimed) => Mail;
  readonly #run: JobRun;
  readonly #isTurnOver: () => boolean;
  readonly #traffic: DomainTraffic;
  readonly #queue: RecipientQueue;
  readonly #handOvers: GroupedWrites<number, boolean>;
  readonly #outcomes: GroupedWrites<Outcome, Outcome>;
  #errorsInARow = 0;
  #isHeld = false;
  #hasTurnEnded = false;

  constructor(
    ctx: AccountContext,
    relay: Relay,
    id: InstanceId,
    compose: (recipient: Claimed) => Mail,
    run: JobRun,
    isTurnOver: () => boolean,
  ) {
    this.#ctx = ctx;
    this.#relay = relay;
    this.#hands = { account: ctx.accountId, instance: id, processId: run.processId };
    this.#compose = compose;
    this.#run = run;
    this.#isTurnOver = isTurnOver;
    const most = relay.connections;
    this.#traffic = new DomainTraffic(relay.domainLimits, ctx.clock);
    this.#queue = new RecipientQueue(() => this.#claim(), (most * claimedPerLane) / 2, this.#traffic, ctx.clock);
    this.#handOvers = new GroupedWrites(most, (places) => this.#commitHandOvers(places));
    this.#outcomes = new GroupedWrites(most, (outcomes) => this.#commitOutcomes(outcomes));
  }

  /** @returns whether its turn ended before the work */
  async run(): Promise<boolean> {
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping = this.#release();
      stopping.catch(() => {});
    };
    this.#run.signal.addEventListener("abort", stop, { once: true });
    try {
      // Each to its end, though one fails: what is under way must have its outcome written.
      const lanes = await Promise.allSettled(Array.from({ length: this.#relay.connections }, () => this.#lane()));
      for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
    } finally {
      this.#run.signal.removeEventListener("abort", stop);
      // The process ends with this run: whom it gave back must be written by then, also where the lanes were faster.
      await stopping;
      await this.#release();
    }
    return this.#hasTurnEnded && !this.#run.signal.aborted && !this.#isHeld;
  }

  /** Sends to one after the other. */
  async #lane(): Promise<void> {
    for (let recipient = await this.#queue.next(); recipient; recipient = await this.#queue.next()) {
      let answer: "fine" | "slow_down" | "other" = "other";
      try {
        answer = await this.#sendTo(recipient);
      } catch (error) {
        this.#queue.stop();
        throw error;
      } finally {
        this.#queue.end(recipient, answer);
      }
    }
  }

  async #sendTo(recipient: Claimed): Promise<"fine" | "slow_down" | "other"> {
    const pause = this.#traffic.pauseOf(domainOf(recipient));
    if (pause > 0) {
      await this.#putBack([recipient], this.#ctx.clock.now().add({ milliseconds: Math.ceil(pause) }));
      return "other";
    }
    const answer = await this.#transmit(recipient);
    const verdict = verdictOf(answer);
    crashPoint("delivery.before_outcome");
    await this.#outcomes.add(outcomeOf(recipient, answer, verdict, this.#ctx.clock.now()));
    crashPoint("delivery.after_outcome");
    await this.#heed(answer, verdict);
    if (verdict.kind === "sent") return "fine";
    return verdict.kind === "deferred" && verdict.isSlowDown ? "slow_down" : "other";
  }

  async #transmit(recipient: Claimed): Promise<Answer> {
    const { clock } = this.#ctx;
    try {
      using session = await this.#relay.borrow();
      const { from, to, message } = this.#compose(recipient);
      let handedOverMs: number | undefined;
      const answer = await session.line.send({ from, to }, message, async () => {
        crashPoint("delivery.before_hand_over");
        const mayGo = await this.#handOvers.add(recipient.place);
        crashPoint("delivery.after_hand_over");
        handedOverMs = clock.monotonicMs();
        return mayGo;
      });
      if (handedOverMs !== undefined) noteHandOver(this.#ctx, (clock.monotonicMs() - handedOverMs) / 1000);
      return answer;
    } catch (error) {
      if (error instanceof RelayError) return error.reply;
      throw error;
    }
  }

  /** What an answer means beyond its recipient. */
  async #heed(answer: Answer, verdict: Verdict): Promise<void> {
    const text = answer.kind === "reply" ? answer.text : answer.kind === "lost" ? answer.reason : "";
    if (verdict.kind === "hold") return this.#hold(verdict.hold, holdMessages[verdict.hold](text));
    if (verdict.kind === "refused" && verdict.isOurs)
      this.#ctx.log.error({ instance: this.#hands.instance, reply: text }, "a server says that we speak SMTP wrongly");
    const isTrouble = verdict.kind === "again" || verdict.kind === "unsure";
    if (!isTrouble) this.#errorsInARow = 0;
    if (!isTrouble || answer.kind === "withheld") return;
    this.#errorsInARow += 1;
    if (this.#errorsInARow >= mostConnectionErrors) return this.#hold("connection", holdMessages.errors(text));
    this.#ctx.log.warn({ reason: text, inARow: this.#errorsInARow }, "the relay did not answer; it is tried again");
    await this.#ctx.clock.sleep(pauseAfterErrors(this.#errorsInARow), this.#run.signal).catch(() => {});
  }

  async #hold(kind: HoldKind, message: string): Promise<void> {
    if (this.#isHeld) return;
    this.#isHeld = true;
    await this.#ctx.db.transaction(this.#ctx.accountId, (tx) =>
      holdInstance(tx, this.#ctx, this.#hands.instance, kind, message),
    );
    await this.#release();
  }

  async #claim(): Promise<readonly Claimed[]> {
    this.#hasTurnEnded ||= this.#isTurnOver();
    if (this.#hasTurnEnded || this.#isHeld || this.#run.signal.aborted) return [];
    const claimed = await this.#ctx.db.transaction(this.#ctx.accountId, (tx) =>
      claimRecipients(tx, this.#hands, this.#relay.connections * claimedPerLane, this.#ctx.clock.now()),
    );
    crashPoint("delivery.after_claim");
    return claimed;
  }

  async #commitHandOvers(places: readonly number[]): Promise<readonly boolean[]> {
    const may = await this.#ctx.db.transaction(this.#ctx.accountId, (tx) =>
      updateHandingOver(tx, this.#hands, places, this.#ctx.clock.now()),
    );
    return places.map((place) => may.has(place));
  }

  /** An outcome is known here alone: it is written as soon as the database lets it, however long that takes. */
  async #commitOutcomes(outcomes: readonly Outcome[]): Promise<readonly Outcome[]> {
    for (;;) {
      try {
        return await writeOutcomes(this.#ctx, this.#hands, outcomes);
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#ctx.log.warn({ reason: describeError(error) }, "outcomes can't be written; they are tried again");
        await this.#ctx.clock.sleep(outcomeRetryMs);
      }
    }
  }

  /** Gives back whom it has claimed and not sent to. */
  async #release(): Promise<void> {
    await this.#putBack(await this.#queue.close(), null);
  }

  async #putBack(recipients: readonly Claimed[], dueAt: Temporal.Instant | null): Promise<void> {
    if (recipients.length === 0) return;
    const at = this.#ctx.clock.now();
    const state = dueAt ? "deferred" : "waiting";
    await this.#commitOutcomes(
      recipients.map(({ place }) => ({
        place,
        state,
        isTried: false,
        at,
        dueAt,
        replyCode: null,
        reply: null,
        bounceKind: null,
      })),
    );
  }
}

const holdMessages = {
  connection: (text: string) =>
    `The relay wants another sign-in: “${text}”. Nothing is lost; the operator corrects LOCKSTEP_SMTP_URL, then press Resume.`,
  sender: (text: string) =>
    `The receiving server does not accept the sender's domain: “${text}”. Check its DMARC, SPF and DKIM records under Sending domains, then press Resume.`,
  errors: (text: string) =>
    `The relay did not answer ${mostConnectionErrors} times in a row. The last time: “${text}”. Nothing is lost; when it answers again, press Resume.`,
};

/** The server is away or overrun, as against: it answered that the statement is wrong. */
function isAway(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|40|53|55|57|58)/.test(code);
}
