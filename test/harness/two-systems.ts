import { sql } from "kysely";
import { keyOf } from "../../simulator/guid.ts";
import { AmsError, type Connector, type DoNotEmailChange, type Session } from "../../src/connectors/connector.ts";
import { markBadEmail, resubscribe, unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import type { Sync } from "../../src/domain/syncs/sync.ts";
import { retryWritebacks, sendWritebacksNow } from "../../src/domain/writebacks/send-now.ts";
import { sendWritebacks } from "../../src/domain/writebacks/send-writebacks.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import type { Account, World } from "./world.ts";

/** People of the AMS whom a history is about: so few that things happen to the same ones. */
export const people = 2;
const groups = ["All", "Some"] as const;
/** Nobody's history: while they stay as they are, no group is ever read empty. */
const anchor = 0;
/** Of one account: its past makes the next ones slower. */
const mostHistories = 50;

/** An entry of ours, as it stands. */
export interface Entry {
  readonly id: number;
  readonly remoteId: string | null;
  readonly address: string;
  readonly standing: string;
}

/** A sync that has read and is not applied yet. */
interface OpenSync {
  readonly group: string;
  /** What the read said of each person, by index. */
  readonly flags: ReadonlyMap<number, boolean>;
  release(): Promise<Sync>;
}

/** How calls to the AMS go: through, refused thrice, cut off before or after the AMS had them, or they hang there. */
export type Sending = "goes through" | "is refused" | "dies before the call" | "dies after the call" | "hangs";

/** Told of each change of a flag before the AMS has it. */
type OnCall = (person: number, isSet: boolean) => void;

/** An account whose AMS is asked over HTTP. Its histories come one after the other, each about people of its own. */
export class Lane {
  readonly world: World;
  readonly own: Account;
  gate: Gate | undefined;
  /** Stands between the worker and the AMS. */
  onSet: ((change: DoNotEmailChange, call: () => Promise<void>) => Promise<void>) | undefined;
  /** Told what the AMS answers to whoever asks before writing. */
  onRead: ((remoteId: string, isSet: boolean | undefined) => void) | undefined;
  #histories = 0;

  private constructor(world: World, own: Account) {
    this.world = world;
    this.own = own;
  }

  static async open(world: World): Promise<Lane> {
    const members = 1 + people * mostHistories;
    const own = await world.addAccount({
      simulator: { members, jobs: groups.map((name) => ({ name, size: members })) },
      bridge: { guardMinimum: 1_000_000, sessionLimit: 4 },
    });
    for (let person = anchor + 1; person < members; person += 1) own.simulator.state.people.gone?.add(person);
    own.changePerson(anchor, { cst_eml_address_dn: "anchor@example.org", cst_no_email_flag: "0" });
    const real = must(world.ctx.connectors.get("netforum-pro"), "the world has a connector");
    const lane = new Lane(world, own);
    const gated = { ...real, open: (settings) => lane.#gated(real.open(settings)) } satisfies Connector;
    Object.assign(own.ctx, { connectors: new Map([[real.id, gated]]) });
    await own.listSync();
    return lane;
  }

  get isFull(): boolean {
    return this.#histories === mostHistories;
  }

  async begin(): Promise<TwoSystems> {
    const systems = new TwoSystems(this, this.#histories);
    this.#histories += 1;
    for (const group of groups) await this.own.sync(group);
    return systems;
  }

  /** Sessions whose reads wait, after their last row, for whoever holds the gate, and whose writes go through `onSet`. */
  #gated(session: Session): Session {
    const lane = this;
    const own: Partial<Session> = {
      async *readIndividuals(...asked) {
        const { gate } = lane;
        for await (const page of session.readIndividuals(...asked)) {
          for (const row of page.individuals) gate?.flags.set(row.remoteId, row.doNotEmail);
          yield page;
        }
        await gate?.wait();
      },
      async setDoNotEmail(change, signal) {
        const call = () => session.setDoNotEmail(change, signal);
        await (lane.onSet ? lane.onSet(change, call) : call());
      },
      async readDoNotEmail(remoteId, signal) {
        const isSet = await session.readDoNotEmail(remoteId, signal);
        lane.onRead?.(remoteId, isSet);
        return isSet;
      },
    };
    return new Proxy(session, {
      get(target, name) {
        const value = Reflect.get(own, name) ?? Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

/** Both systems in one history, and what can happen in each. Nothing of ours is made up; the AMS is the simulator. */
export class TwoSystems {
  readonly own: Account;
  readonly #lane: Lane;
  readonly #first: number;
  readonly #keys: readonly string[];
  readonly #domain: string;
  readonly open: OpenSync[] = [];
  #hanging: (() => Promise<void>) | undefined;

  constructor(lane: Lane, history: number) {
    this.own = lane.own;
    this.#lane = lane;
    this.#first = anchor + 1 + history * people;
    this.#domain = `@history${history}.example`;
    const { state } = lane.own.simulator;
    this.#keys = Array.from({ length: people }, (_, person) => keyOf(this.#first + person, state.people.seed));
    for (let person = 0; person < people; person += 1) {
      state.people.gone?.delete(this.#first + person);
      this.setFlag(person, false);
      this.setAddress(person, person);
    }
  }

  /** Where the person stands in the AMS's own file. */
  index = (person: number) => this.#first + person;

  key = (person: number) => this.#keys[person] ?? "";

  #valueOf = (person: number, column: string) =>
    this.own.simulator.state.people.changed.get(this.#first + person)?.[column] ?? "";

  flag = (person: number) => this.#valueOf(person, "cst_no_email_flag") === "1";

  address = (person: number) => this.#valueOf(person, "cst_eml_address_dn");

  isGone = (person: number) => this.own.simulator.state.people.gone?.has(this.#first + person) ?? false;

  setFlag(person: number, isSet: boolean): void {
    this.own.changePerson(this.#first + person, { cst_no_email_flag: isSet ? "1" : "0" });
  }

  #addressOf = (address: number) => `${"abc"[address % 3]}${this.#domain}`;

  setAddress(person: number, address: number): void {
    this.own.changePerson(this.#first + person, { cst_eml_address_dn: this.#addressOf(address) });
  }

  /** The AMS's people merge two records: the first one's key is gone, the other one takes its address. */
  merge(person: number, into: number): void {
    if (person === into || this.isGone(person) || this.isGone(into)) return;
    this.own.changePerson(this.#first + into, { cst_eml_address_dn: this.address(person) });
    this.own.simulator.state.people.gone?.add(this.#first + person);
  }

  drop(person: number, group: number): void {
    this.#job(group).without?.add(this.#first + person);
  }

  take(person: number, group: number): void {
    this.#job(group).without?.delete(this.#first + person);
  }

  isFound = (person: number) =>
    !this.isGone(person) && this.own.simulator.state.jobs.some((job) => !job.without?.has(this.#first + person));

  #job(group: number) {
    return must(this.own.simulator.state.jobs[group % groups.length], "there is such a query");
  }

  entries(): Promise<readonly Entry[]> {
    return this.#ask(sql<Entry>`select id, remote_id as "remoteId", email_key as address, standing from subscriber
      where account_id = ${this.own.ctx.accountId} and email_key like ${`%${this.#domain}`} order by id`);
  }

  get #ofHistory() {
    return sql`remote_id = any(${this.#keys}::text[])`;
  }

  async #ask<Row>(query: ReturnType<typeof sql<Row>>): Promise<readonly Row[]> {
    const { ctx } = this.own;
    return ctx.db.transaction(ctx.accountId, async (tx) => (await query.execute(tx)).rows);
  }

  unsubscribe(id: number): Promise<unknown> {
    return this.#decide((tx) => unsubscribe(tx, this.own.ctx, [id], { origin: "person", reason: null }));
  }

  resubscribe(id: number, origin: "person" | "administrator"): Promise<unknown> {
    return this.#decide((tx) => resubscribe(tx, this.own.ctx, [id], { origin, reason: null }));
  }

  markBadEmail(id: number): Promise<unknown> {
    return this.#decide((tx) => markBadEmail(tx, this.own.ctx, [id], "550 5.1.1 no such user"));
  }

  #decide(work: Parameters<Account["ctx"]["db"]["transaction"]>[1]): Promise<unknown> {
    return this.own.ctx.db.transaction(this.own.ctx.accountId, work);
  }

  /** A file brings an address that nobody has so far; one that is known is that person (product 2.2). */
  async upload(address: number): Promise<void> {
    const email = this.#addressOf(address);
    await this.#ask(sql`insert into subscriber (account_id, email, email_key, created_at, updated_at)
      select ${this.own.ctx.accountId}::uuid, ${email}, ${email}, now(), now()
      where not exists (select from subscriber where account_id = ${this.own.ctx.accountId} and email_key = ${email})`);
  }

  async sync(group: number): Promise<ReadonlyMap<number, boolean>> {
    const name = groups[group % groups.length] as string;
    const waiting = this.open.findIndex((each) => each.group === name);
    if (waiting < 0) await this.beginSync(group);
    return this.applySync(group);
  }

  /** Reads a group; what was read waits to be applied. */
  async beginSync(group: number): Promise<void> {
    const name = groups[group % groups.length] as string;
    if (this.open.some((each) => each.group === name)) return;
    const gate = new Gate();
    this.#lane.gate = gate;
    const { sync } = await this.own.request(name);
    const ended = this.own.workUntilEnded(sync.id);
    await Promise.race([gate.read, ended]);
    this.#lane.gate = undefined;
    const flags = new Map([...gate.flags].map(([key, isSet]) => [this.#keys.indexOf(key), isSet]));
    this.open.push({
      group: name,
      flags,
      async release() {
        gate.release();
        return ended;
      },
    });
  }

  /** Applies what was read of a group. @returns the flags that it brought, by person */
  async applySync(group: number): Promise<ReadonlyMap<number, boolean>> {
    const name = groups[group % groups.length] as string;
    const at = this.open.findIndex((each) => each.group === name);
    if (at < 0) return new Map();
    const [open] = this.open.splice(at, 1);
    const { state, errorMessage } = await must(open, "it was found").release();
    if (state !== "succeeded") throw new Error(`the sync of ${name} is ${state}: ${errorMessage}`);
    return must(open, "it was found").flags;
  }

  /** Ends the history: its people leave. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.endHanging();
    for (const { release } of this.open.splice(0)) await release();
    for (let person = 0; person < people; person += 1) this.own.simulator.state.people.gone?.add(this.#first + person);
  }

  /**
   * Sends every writeback that waits, as the worker does.
   * @param onCall told before the AMS hears it; and after, where the AMS is asked and says that it stands so already
   */
  async send(how: Sending, onCall: OnCall): Promise<void> {
    await this.endHanging();
    this.#lane.world.clock.advance({ seconds: 1 });
    const stop = new AbortController();
    const hanging = Promise.withResolvers<void>();
    const isReached = Promise.withResolvers<void>();
    this.#lane.onRead = (remoteId, isSet) => {
      // Not set: either a call of ours cleared it, which was told, or one that sets it follows.
      if (isSet) onCall(this.#keys.indexOf(remoteId), isSet);
    };
    this.#lane.onSet = async ({ remoteId, doNotEmail }, call) => {
      if (how !== "dies before the call") {
        if (how !== "is refused") onCall(this.#keys.indexOf(remoteId), doNotEmail);
        await call();
        isReached.resolve();
        if (how === "hangs") await hanging.promise;
      }
      if (how.startsWith("dies")) {
        stop.abort();
        throw new AmsError("cancelled", "the worker stopped");
      }
    };
    if (how === "is refused") this.own.strike("fault", { operation: "SetIndividualInformation" });
    const tries = how === "is refused" ? 3 : 1;
    const sending = (async () => {
      for (let nth = 0; nth < tries; nth += 1) await this.#sendOnce(stop.signal);
    })();
    if (how !== "hangs") await sending;
    else {
      await Promise.race([sending, isReached.promise]);
      this.#hanging = async () => {
        hanging.resolve();
        await sending;
      };
    }
    this.own.heal();
  }

  /** What hangs in the AMS comes to its end. */
  async endHanging(): Promise<void> {
    const end = this.#hanging;
    this.#hanging = undefined;
    await end?.();
  }

  async #sendOnce(signal: AbortSignal): Promise<void> {
    const { id } = await this.own.bridge();
    await sendWritebacksNow(this.own.ctx);
    await sendWritebacks(this.own.ctx, id, { signal, processId: newId() });
  }

  async retryFailed(): Promise<void> {
    await retryWritebacks(this.own.ctx, null);
  }

  /** Customer keys of which something waits or is under way. */
  async countOpen(): Promise<number> {
    const rows = await this.#ask(sql<{ open: number }>`select count(*) as open from writeback
      where account_id = ${this.own.ctx.accountId} and state in ('ready', 'processing') and ${this.#ofHistory}`);
    return rows[0]?.open ?? 0;
  }

  /** Whether a writeback that sets the flag is under way, so that what a read sees may be ours. */
  async isBeingSet(person: number): Promise<boolean> {
    const rows = await this.#ask(sql`select from writeback where account_id = ${this.own.ctx.accountId}
      and remote_id = ${this.key(person)} and not lifts_nothing and state <> 'sent' and (state = 'processing' or is_unsure or flag_set_at is not null)`);
    return rows.length > 0;
  }
}

/** Holds a read between its last row and its end. */
class Gate {
  readonly flags = new Map<string, boolean>();
  readonly #read = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  readonly read = this.#read.promise;
  release = () => this.#released.resolve();

  async wait(): Promise<void> {
    this.#read.resolve();
    await this.#released.promise;
  }
}
