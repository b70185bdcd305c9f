import { sql } from "kysely";
import { keyOf } from "../../simulator/guid.ts";
import type { Connector, Session } from "../../src/connectors/connector.ts";
import { markBadEmail, resubscribe, unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import type { Sync } from "../../src/domain/syncs/sync.ts";
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

/** How a call to the AMS goes: through, refused thrice, or cut off before or after the AMS had it. */
export type Sending = "goes through" | "is refused" | "dies before the call" | "dies after the call";

/** An account whose AMS is asked over HTTP. Its histories come one after the other, each about people of its own. */
export class Lane {
  readonly world: World;
  readonly own: Account;
  /** For writebacks; syncs have sessions of their own. */
  readonly session: Session;
  gate: Gate | undefined;
  #histories = 0;

  private constructor(world: World, own: Account, session: Session) {
    this.world = world;
    this.own = own;
    this.session = session;
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
    const asked = { baseUrl: own.simulator.url, userName: "lockstep", password: "demo", mapping: real.defaultMapping };
    const lane = new Lane(world, own, real.open(asked));
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

  /** Sessions whose reads wait, after their last row, for whoever holds the gate. */
  #gated(session: Session): Session {
    const next = () => this.gate;
    return new Proxy(session, {
      get(target, name) {
        if (name !== "readIndividuals") {
          const value = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        }
        return async function* (...asked: Parameters<Session["readIndividuals"]>) {
          const gate = next();
          for await (const page of target.readIndividuals(...asked)) {
            for (const row of page.individuals) gate?.flags.set(row.remoteId, row.doNotEmail);
            yield page;
          }
          await gate?.wait();
        };
      },
    });
  }

  async close(): Promise<void> {
    await this.session[Symbol.asyncDispose]();
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
    for (const { release } of this.open.splice(0)) await release();
    for (let person = 0; person < people; person += 1) this.own.simulator.state.people.gone?.add(this.#first + person);
  }

  /**
   * Sends every writeback that waits, the first of each person, as the worker does. One that died stays in hand until
   * the next round takes it over and sends it again. @param onCall told before the AMS hears it
   */
  async send(how: Sending, onCall: (person: number, isSet: boolean) => void): Promise<number> {
    const { ctx } = this.own;
    this.#lane.world.clock.advance({ seconds: 1 });
    const at = ctx.clock.now();
    await this.#ask(sql`update writeback set state = 'ready', is_unsure = true, session_id = null
      where account_id = ${ctx.accountId} and state = 'processing' and ${this.#ofHistory}`);
    const waiting = await this.#ask(sql<{ id: number; remoteId: string; type: string }>`
      update writeback set state = 'processing', session_id = ${newId()}
      where account_id = ${ctx.accountId} and state = 'ready' and id in (
        select min(id) from writeback where account_id = ${ctx.accountId} and state = 'ready' and ${this.#ofHistory} group by remote_id)
      returning id, remote_id as "remoteId", type`);
    for (const { id, remoteId, type } of waiting) {
      const isSet = type !== "resubscribe";
      if (how === "dies before the call") continue;
      let error = how === "is refused" ? "refused" : null;
      if (error === null) {
        try {
          onCall(this.#keys.indexOf(remoteId), isSet);
          await this.#lane.session.setDoNotEmail({ remoteId, doNotEmail: isSet, at }, AbortSignal.timeout(10_000));
        } catch (thrown) {
          error = String(thrown);
        }
      }
      if (how === "dies after the call") continue;
      await this.#ask(sql`update writeback set state = ${error === null ? "sent" : "failed"}, ended_at = ${at}, session_id = null,
        is_unsure = false, error_message = ${error} where account_id = ${ctx.accountId} and id = ${id}`);
    }
    return waiting.length;
  }

  async retryFailed(): Promise<void> {
    await this.#ask(sql`update writeback set state = 'ready', ended_at = null, tries = 0, error_message = null
      where account_id = ${this.own.ctx.accountId} and state = 'failed' and ${this.#ofHistory}`);
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
      and remote_id = ${this.key(person)} and (state = 'processing' or is_unsure)`);
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
