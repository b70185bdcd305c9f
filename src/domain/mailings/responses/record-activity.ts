import { setImmediate as nextTurn } from "node:timers/promises";
import { type AccountContext, type Context, inAccount } from "../../context.ts";
import type { InstanceId } from "../mailing.ts";
import type { RecipientRef } from "../recipient.ts";
import {
  insertActivities,
  type KnownInstance,
  lockVisited,
  selectKnownInstance,
  updateClicksAutomatic,
  updateVisited,
} from "./activity-store.ts";
import { judgeVisits, type Visit } from "./judge-visits.rules.ts";
import type { RequestSigns } from "./machine-signs.rules.ts";
import { noteActivity } from "./response-metrics.ts";

/** A commit takes about as long for one line as for hundreds. */
const mostAtOnce = 1000;
const mostInstances = 1000;
/** Of one recipient, by this process in a minute: a mail that is opened more often is opened by a program gone wild. */
const mostVisits = 100;
const clicksOfLastSeconds = 5;

interface Waiting {
  readonly visit: Visit;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Takes in opens and clicks. Each is committed before its answer leaves; what comes while one commit is under way shares
 * the next, so that a thousand a second cost a few dozen commits.
 */
export class ActivityRecorder {
  readonly #ctx: Context;
  readonly #instances = new Map<InstanceId, KnownInstance>();
  /** What waits, by account: one commit at a time for each. */
  readonly #queues = new Map<string, Waiting[]>();
  readonly #running = new Set<Promise<void>>();
  #visits = { minute: 0, counts: new Map<string, number>() };

  constructor(ctx: Context) {
    this.#ctx = { ...ctx, db: ctx.db.repeating() };
  }

  /**
   * Records a click. A click that can't be recorded, since the database is away, leads on all the same.
   * @returns where the link leads, or null when the instance has no such link
   */
  async click(ref: RecipientRef & { readonly link: number }, signs: RequestSigns): Promise<string | null> {
    const instance = await this.#find(ref.instance);
    const url = instance?.links[ref.link];
    if (!instance || url === undefined || !/^https?:\/\//i.test(url)) return null;
    await this.#take(instance, { ...signs, ref, kind: "click", link: ref.link, isAnonymous: false });
    return url;
  }

  /** Records an open, as far as the account tracks opens. @returns false when there is no such instance */
  async open(ref: RecipientRef, signs: RequestSigns): Promise<boolean> {
    const instance = await this.#find(ref.instance);
    if (!instance) return false;
    if (instance.openTracking === "off") return true;
    const isAnonymous = instance.openTracking === "aggregate";
    await this.#take(instance, { ...signs, ref, kind: "open", link: null, isAnonymous });
    return true;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Frozen when it was published: it is asked for once. */
  async #find(id: InstanceId): Promise<KnownInstance | undefined> {
    const known = this.#instances.get(id);
    if (known) return known;
    const found = await this.#ctx.db.system((tx) => selectKnownInstance(tx, id));
    if (!found) return undefined;
    if (this.#instances.size >= mostInstances) this.#instances.clear();
    this.#instances.set(id, found);
    return found;
  }

  async #take({ accountId }: KnownInstance, visit: Omit<Visit, "at">): Promise<void> {
    const at = this.#ctx.clock.now();
    if (this.#isTooMany(visit.ref, at)) return;
    const ctx = inAccount(this.#ctx, accountId, "tracking");
    try {
      await new Promise<void>((resolve, reject) => {
        const waiting = { visit: { ...visit, at }, resolve, reject };
        const queue = this.#queues.get(accountId);
        if (queue) queue.push(waiting);
        else this.#begin(ctx, [waiting]);
      });
    } catch (error) {
      ctx.log.warn({ err: error, instance: visit.ref.instance }, `a ${visit.kind} could not be recorded`);
    }
  }

  #begin(ctx: AccountContext, queue: Waiting[]): void {
    this.#queues.set(ctx.accountId, queue);
    const run = this.#empty(ctx, queue).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #empty(ctx: AccountContext, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      // What this turn of the loop brings shares the commit.
      await nextTurn();
      const batch = queue.splice(0, mostAtOnce);
      try {
        await recordVisits(
          ctx,
          batch.map(({ visit }) => visit),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#queues.delete(ctx.accountId);
  }

  #isTooMany({ instance, place }: RecipientRef, at: Temporal.Instant): boolean {
    const minute = Math.floor(at.epochMilliseconds / 60_000);
    if (this.#visits.minute !== minute) this.#visits = { minute, counts: new Map() };
    const key = `${instance} ${place}`;
    const count = (this.#visits.counts.get(key) ?? 0) + 1;
    this.#visits.counts.set(key, count);
    return count > mostVisits;
  }
}

/** Records visits of one account in one transaction. */
async function recordVisits(ctx: AccountContext, visits: readonly Visit[]): Promise<void> {
  const account = ctx.accountId;
  const from = ctx.clock.now().subtract({ seconds: clicksOfLastSeconds });
  const refs = [...new Map(visits.map(({ ref }) => [`${ref.instance} ${ref.place}`, ref])).values()];
  const activities = await ctx.db.transaction(account, async (tx) => {
    const judged = judgeVisits(visits, await lockVisited(tx, account, refs, from));
    await insertActivities(tx, account, judged.activities);
    if (judged.evidence.length > 0) await updateVisited(tx, account, judged.evidence);
    if (judged.turned.length > 0) await updateClicksAutomatic(tx, account, judged.turned);
    return judged.activities;
  });
  noteActivity(ctx, activities);
}
