import fc from "fast-check";
import { expect, test } from "vitest";
import { textOf } from "../../simulator/people.ts";
import { changeField } from "../../src/domain/bridges/change-field.ts";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { findSubscriber } from "../../src/domain/subscribers/find-subscribers.ts";
import { listMembers } from "../../src/domain/syncs/look-back.ts";
import { must } from "../../src/platform/errors.ts";
import { illFormedDocuments } from "../harness/ill-formed.ts";
import { naughtyStrings } from "../harness/naughty-strings.ts";
import { startTamperingProxy, type TamperingProxy } from "../harness/tampering-proxy.ts";
import { expectInStep, snapshot } from "../harness/truth.ts";
import { type Account, createWorld } from "../harness/world.ts";

const group = "Three people";
/** A sync for each case takes its time: all of them with LOCKSTEP_TEST_THOROUGH, else one of so many. */
const oneOf = process.env.LOCKSTEP_TEST_THOROUGH ? 1 : 8;
const some = <T>(all: readonly T[]) => all.filter((_, at) => at % oneOf === 0);

/** A group that is in step, behind a proxy that can spoil its next read; any loss would pass the guard unseen. */
async function createSpoiltWorld(): Promise<{ own: Account; proxy: TamperingProxy }> {
  const { own } = await createWorld({
    simulator: { members: 3, jobs: [{ name: group, size: 3 }] },
    connector: { retries: 0 },
  });
  const proxy = await startTamperingProxy(own.simulator.url);
  await configureBridge(own.ctx, { baseUrl: proxy.url, password: "demo", guardMinimum: 1_000_000 });
  await own.listSync();
  await own.sync(group);
  return { own, proxy };
}

/** Syncs once for each answer. @returns what changed the group, or did not fail: nothing should */
async function spoil(
  world: { own: Account; proxy: TamperingProxy },
  answers: Iterable<[string, TamperingProxy["answer"]]>,
) {
  const { own, proxy } = world;
  const before = JSON.stringify(await snapshot(own));
  const wrong: string[] = [];
  let count = 0;
  for (const [name, answer] of answers) {
    proxy.answer = answer;
    const { state, errorMessage } = await own.sync(group);
    count += 1;
    if (state !== "failed" || !errorMessage) wrong.push(`${name}: ${state}`);
    if (count % 50 === 0 && JSON.stringify(await snapshot(own)) !== before)
      wrong.push(`the group changed before or at ${name}`);
  }
  expect(JSON.stringify(await snapshot(own))).toBe(before);
  proxy.answer = undefined;
  expect(await own.sync(group)).toMatchObject({ state: "succeeded", added: 0, removed: 0, updated: 0 });
  await expectInStep(own, group);
  return { wrong, count };
}

test("1.2 an answer cut at any byte changes nothing", { timeout: 3_600_000 }, async () => {
  const world = await createSpoiltWorld();
  let length = 0;
  world.proxy.answer = (real) => {
    length = real.lastIndexOf(">") + 1;
    return real;
  };
  await world.own.sync(group);
  expect(length).toBeGreaterThan(500);
  const cuts = Array.from({ length }, (_, at): [string, TamperingProxy["answer"]] => [
    `${at} bytes`,
    (real) => real.subarray(0, at),
  ]);
  expect((await spoil(world, some(cuts))).wrong).toEqual([]);
});

test("1.2 the W3C's ill-formed documents change nothing", { timeout: 3_600_000 }, async () => {
  const documents = illFormedDocuments().map(({ id, bytes }): [string, TamperingProxy["answer"]] => [id, bytes]);
  expect((await spoil(await createSpoiltWorld(), some(documents))).wrong).toEqual([]);
});

test("1.2 damaged answers fail, or say the same people", { timeout: 3_600_000 }, async () => {
  const { own, proxy } = await createSpoiltWorld();
  const damages = fc.sample(fc.tuple(fc.nat(2), fc.nat(), fc.nat(255)), { numRuns: 20_000, seed: 20_261_123 });
  for (const [kind, at, value] of some(damages).slice(0, oneOf === 1 ? undefined : 250)) {
    proxy.answer = (real) => {
      const place = at % real.length;
      const middle = kind === 0 ? [] : kind === 1 ? [value] : [(real[place] ?? 0) ^ (1 << (value % 8))];
      return Buffer.concat([real.subarray(0, place), Buffer.from(middle), real.subarray(place + (kind === 1 ? 0 : 1))]);
    };
    const sync = await own.sync(group);
    // A damage within a text is a text that the AMS could have sent: a person may change, none may get lost unsaid.
    const { unusable, withoutAddress, malformedAddress, duplicate, distinctValid } = sync;
    if (sync.state === "succeeded")
      expect(unusable + withoutAddress + malformedAddress + duplicate + distinctValid).toBeGreaterThanOrEqual(3);
    else expect(sync.state).toBe("failed");
  }
  proxy.answer = undefined;
  expect(await own.sync(group)).toMatchObject({ state: "succeeded" });
  await expectInStep(own, group);
});

test("1.7 naughty strings are values like any other: kept as they are, or the whole read refused", {
  timeout: 3_600_000,
}, async () => {
  const { own } = await createSpoiltWorld();
  await changeField(own.ctx, "ind_first_name", { isKept: true });
  own.changePerson(1, { cst_eml_address_dn: "naughty@example.org" });
  const key = textOf(own.simulator.state.people, 1, "cst_key");
  let kept = 0;
  for (const text of naughtyStrings) {
    own.changePerson(1, { ind_first_name: text });
    const sync = await own.sync(group);
    if (sync.state === "failed") continue; // characters that XML can't hold
    expect(sync.state).toBe("succeeded");
    const { members } = await listMembers(own.ctx, { groupId: (await own.group(group)).id, limit: 10 });
    const member = members.find(({ remoteId }) => remoteId === key);
    const person = await findSubscriber(own.ctx, must(member, "the person is a member").subscriberId);
    expect(person.values.ind_first_name ?? "").toBe(text);
    kept += 1;
  }
  expect(kept).toBeGreaterThan(400);
});
