import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkInvariants } from "../../../test/harness/invariants.ts";
import { type Entry, Lane, people, type Sending, type TwoSystems } from "../../../test/harness/two-systems.ts";
import { openWorld } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";

/**
 * Random histories of both systems against a small model of who said no. It knows nothing of writebacks' states, of
 * hashes or of reads' ages: only who said what, and what each system was told.
 */
class Model {
  readonly #systems: TwoSystems;
  /** Addresses whose people said no here and did not take it back. */
  readonly #said = new Set<string>();
  readonly #bad = new Set<string>();
  /** People whose flag the AMS's own people set. */
  readonly #amsNo = new Set<number>();
  /** Those of them of whom we know it: a read that saw it was applied, and nothing of ours can have been the reason. */
  readonly #knownNo = new Set<number>();
  /** People whose flag a call of ours set, with the step of the call. */
  readonly #ours = new Map<number, number>();
  /** People who took back a no that had reached the AMS: its flag stands until an administrator resubscribes. */
  readonly #tookBack = new Set<number>();
  /** People whose known flag the AMS's people lifted, and no read has seen that: set by us, it would be taken for theirs. */
  readonly #liftedUnseen = new Set<number>();
  /** People of whom one of the two was ever the case: a read of then may still say so. */
  readonly #disputed = new Set<number>();
  readonly #reads = new Map<number, { readonly step: number; readonly amsNo: ReadonlySet<number> }>();
  #step = 0;

  constructor(systems: TwoSystems) {
    this.#systems = systems;
  }

  async run({ does, who, other }: Step): Promise<void> {
    this.#step += 1;
    const systems = this.#systems;
    const person = who % people;
    switch (does) {
      case "the AMS's people set the flag":
        if (!systems.isGone(person) && !systems.flag(person)) {
          this.#amsNo.add(person);
          this.#disputed.add(person);
        }
        return systems.setFlag(person, true);
      case "the AMS's people lift the flag":
        if (this.#knownNo.has(person)) this.#liftedUnseen.add(person);
        for (const each of [this.#amsNo, this.#knownNo, this.#tookBack]) each.delete(person);
        return systems.setFlag(person, false);
      case "the AMS's people change the address":
        return systems.setAddress(person, other);
      case "the AMS's people merge two records":
        return systems.merge(person, other % people);
      case "a query drops somebody":
        return systems.drop(person, other);
      case "a query finds somebody again":
        return systems.take(person, other);
      case "a file is uploaded":
        return systems.upload(other);
      case "somebody unsubscribes":
        return this.#decide(who, (entry) => {
          this.#said.add(entry.address);
          return systems.unsubscribe(entry.id);
        });
      case "mail comes back":
        return this.#decide(who, (entry) => {
          this.#bad.add(entry.address);
          return systems.markBadEmail(entry.id);
        });
      case "the person resubscribes":
        return this.#decide(who, async (entry, linked) => {
          for (const each of linked) {
            const had = [...this.#said].some((address) => linked.some((other) => other.address === address));
            const whose = this.#personOf(each);
            if (had && whose >= 0 && (this.#ours.has(whose) || (await systems.isBeingSet(whose)))) {
              this.#tookBack.add(whose);
              this.#disputed.add(whose);
            }
          }
          for (const { address } of linked) this.#said.delete(address);
          await systems.resubscribe(entry.id, "person");
        });
      case "an administrator resubscribes":
        return this.#decide(who, (entry, linked) => {
          for (const each of linked) {
            this.#said.delete(each.address);
            this.#bad.delete(each.address);
            this.#tookBack.delete(this.#personOf(each));
          }
          return systems.resubscribe(entry.id, "administrator");
        });
      case "a sync reads":
        return this.#begin(other);
      case "a sync is applied":
        return this.#apply(other);
      case "a sync reads and is applied":
        await this.#apply(other);
        await this.#begin(other);
        return this.#apply(other);
      case "what hangs comes to its end":
        return systems.endHanging();
      case "failed writebacks are tried again":
        return systems.retryFailed();
      default:
        await this.#send(does);
    }
  }

  async #send(how: Sending): Promise<void> {
    await this.#systems.send(how, (person, isSet) => {
      if (isSet) {
        expect([...this.#knownNo, ...this.#liftedUnseen], "what is known as the AMS's own is left").not.toContain(
          person,
        );
        this.#ours.set(person, this.#step);
      } else {
        expect([...this.#knownNo], "a Resubscribe must not lift the AMS's own no").not.toContain(person);
        for (const each of [this.#amsNo, this.#ours, this.#tookBack]) each.delete(person);
      }
    });
  }

  /** Whoever decides, decides about an entry, and so about everybody whom addresses and keys lead to from it. */
  async #decide(who: number, work: (entry: Entry, linked: readonly Entry[]) => Promise<unknown>): Promise<void> {
    const entries = await this.#systems.entries();
    const entry = must(entries[who % entries.length], "there is somebody");
    await work(entry, linkedWith(entry, entries));
  }

  async #begin(group: number): Promise<void> {
    if (this.#reads.has(group % 2)) return;
    this.#reads.set(group % 2, { step: this.#step, amsNo: new Set(this.#amsNo) });
    await this.#systems.beginSync(group);
  }

  async #apply(group: number): Promise<void> {
    const read = this.#reads.get(group % 2);
    if (!read) return;
    this.#reads.delete(group % 2);
    const inFlight = new Set<number>();
    for (let person = 0; person < people; person += 1) if (await this.#systems.isBeingSet(person)) inFlight.add(person);
    for (const [person, isSet] of await this.#systems.applySync(group)) {
      if (!isSet) this.#liftedUnseen.delete(person);
      const mayBeOurs = this.#ours.has(person) || inFlight.has(person);
      if (isSet && read.amsNo.has(person) && this.#amsNo.has(person) && !mayBeOurs) this.#knownNo.add(person);
    }
  }

  readonly #personOf = ({ remoteId }: Entry): number =>
    [0, 1].findIndex((person) => this.#systems.key(person) === remoteId);

  /** Whoever said no, by whatever way we know of it, is not sendable; whoever nobody said no of is. */
  async check(): Promise<void> {
    const entries = await this.#systems.entries();
    for (const entry of entries) {
      const why = linkedWith(entry, entries).some(({ address }) => this.#said.has(address))
        ? "unsubscribed here"
        : this.#bad.has(entry.address)
          ? "mail came back"
          : this.#knownNo.has(this.#personOf(entry))
            ? "do not e-mail in the AMS"
            : null;
      if (why === null && !this.#disputed.has(this.#personOf(entry)))
        expect(`${nameOf(entry)}: ${entry.standing}, nobody said no`).toContain("sendable");
      if (why !== null) expect(`${nameOf(entry)}: ${entry.standing}, ${why}`).not.toContain("sendable");
    }
  }

  /** Everything is sent and everybody read, until nothing is owed any more: then both systems say the same. */
  async settle(): Promise<void> {
    for (let round = 0; round < 8; round += 1) {
      await this.#systems.endHanging();
      await this.#systems.retryFailed();
      for (let sends = 0; sends < 8 && (await this.#systems.countOpen()) > 0; sends += 1) {
        this.#step += 1;
        await this.#send("goes through");
      }
      for (const group of [0, 1]) await this.run({ does: "a sync reads and is applied", who: 0, other: group });
      await this.check();
      if ((await this.#systems.countOpen()) === 0) break;
    }
    expect(await this.#systems.countOpen(), "something is owed for ever").toBe(0);
    const entries = await this.#systems.entries();
    for (let person = 0; person < people; person += 1) {
      if (!this.#systems.isFound(person)) continue;
      const entry = entries.find(
        ({ remoteId, address }) =>
          remoteId === this.#systems.key(person) && address === this.#systems.address(person).toLowerCase(),
      );
      const { standing } = must(entry, "everybody who is found has an entry");
      const linked = linkedWith(must(entry, "as before"), entries);
      const isNo =
        this.#amsNo.has(person) ||
        this.#tookBack.has(person) ||
        linked.some(({ address }) => this.#said.has(address)) ||
        this.#bad.has(this.#systems.address(person));
      const says = (isSet: boolean) => (isSet ? "no" : "yes");
      expect(
        `person ${person}: the AMS says ${says(this.#systems.flag(person))}, here ${says(standing !== "sendable")}`,
      ).toBe(`person ${person}: the AMS says ${says(isNo)}, here ${says(isNo)}`);
      if (standing === "do_not_email")
        expect(this.#amsNo.has(person) || this.#tookBack.has(person), `whose no is person ${person}'s?`).toBe(true);
    }
  }
}

const nameOf = ({ remoteId, address }: Entry) => `${address} ${remoteId?.slice(0, 4) ?? "uploaded"}`;

/** Everybody whom an address or a customer key leads to, from one to the next. */
function linkedWith(entry: Entry, entries: readonly Entry[]): readonly Entry[] {
  const linked = new Set([entry]);
  for (const each of linked)
    for (const other of entries)
      if (other.address === each.address || (other.remoteId !== null && other.remoteId === each.remoteId))
        linked.add(other);
  return [...linked];
}

const happenings = {
  "the AMS's people set the flag": 3,
  "the AMS's people lift the flag": 3,
  "the AMS's people change the address": 3,
  "the AMS's people merge two records": 1,
  "a query drops somebody": 1,
  "a query finds somebody again": 1,
  "a file is uploaded": 1,
  "somebody unsubscribes": 4,
  "mail comes back": 2,
  "the person resubscribes": 2,
  "an administrator resubscribes": 3,
  "a sync reads": 3,
  "a sync is applied": 3,
  "a sync reads and is applied": 4,
  "failed writebacks are tried again": 1,
  "goes through": 5,
  "is refused": 1,
  "dies before the call": 1,
  "dies after the call": 1,
  hangs: 1,
  "what hangs comes to its end": 1,
} as const;

interface Step {
  readonly does: keyof typeof happenings;
  readonly who: number;
  readonly other: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.oneof(
    ...Object.entries(happenings).map(([does, weight]) => ({
      weight,
      arbitrary: fc.constant(does as Step["does"]),
    })),
  ),
  who: fc.nat(3),
  other: fc.nat(2),
});

/** Several at once, each with an account of its own: a history mostly waits for its database. */
const lanes = 4;
const isThorough = process.env.LOCKSTEP_TEST_THOROUGH !== undefined;
const runs = isThorough ? 5000 : 200;
/** A busy machine tries fewer: there is no end of histories, but there is of patience. */
const seconds = Number(process.env.LOCKSTEP_TEST_SECONDS ?? (isThorough ? 1800 : 20));
/** The same histories each time, so that a run says something of the change under test; a thorough one takes new ones. */
const seed = Number(process.env.LOCKSTEP_TEST_SEED ?? (isThorough ? Date.now() % 2 ** 31 : 1));

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  try {
    await checkInvariants(world.ctx);
  } finally {
    await world[Symbol.asyncDispose]();
  }
});

test("2.4 whoever said no is never sendable, and in the end both systems agree, whatever happened in either", {
  timeout: 3_600_000,
}, async () => {
  let tried = 0;
  const tryMany = async (nth: number) => {
    let lane = await Lane.open(world);
    // From here: a busy machine may need longer than that for an account.
    const until = performance.now() + seconds * 1000;
    let hasFailed = false;
    const holds = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      if (!hasFailed && performance.now() > until) return;
      tried += 1;
      if (lane.isFull) {
        lane = await Lane.open(world);
      }
      try {
        await play(lane, steps);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    });
    await fc.assert(holds, { numRuns: runs / lanes, seed: seed + nth });
  };
  const outcomes = await Promise.allSettled(Array.from({ length: lanes }, (_, nth) => tryMany(nth)));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  if (isThorough) process.stderr.write(`${tried} histories\n`);
  expect(tried).toBeGreaterThanOrEqual(lanes);
});

async function play(lane: Lane, steps: readonly Step[]): Promise<void> {
  await using systems = await lane.begin();
  const model = new Model(systems);
  for (const each of steps) {
    await model.run(each);
    await model.check();
  }
  await model.settle();
}
