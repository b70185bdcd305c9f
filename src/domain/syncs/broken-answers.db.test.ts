import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fault, FaultKind } from "../../../simulator/faults.ts";
import { checkInvariants } from "../../../test/harness/invariants.ts";
import { expectInStep, snapshot } from "../../../test/harness/truth.ts";
import { openWorld, type World } from "../../../test/harness/world.ts";
import type { AmsErrorKind } from "../../connectors/connector.ts";
import { testBridge } from "../bridges/test-bridge.ts";

/** What a fault that lasts must come to: the sync fails with this kind, or heals by itself. */
type Outcome = AmsErrorKind | "succeeds";

/** One line for each kind at least: a kind without one doesn't compile. */
const outcomes: Readonly<Record<FaultKind, readonly (readonly [Partial<Fault>, Outcome])[]>> = {
  truncate: [
    [{ afterBytes: 0 }, "incomplete"],
    [{ afterBytes: 1 }, "incomplete"],
    [{ afterBytes: 20_000 }, "incomplete"],
    [{ afterBytes: 20_000, skip: 1 }, "incomplete"],
    [{ afterBytes: 300, skip: 3 }, "incomplete"],
  ],
  reset: [[{ afterBytes: 500 }, "unreachable"]],
  stall: [[{ afterBytes: 700 }, "unreachable"]],
  black_hole: [[{}, "unreachable"]],
  drip: [[{ value: 1000 }, "limit"]],
  latency: [[{ value: 50 }, "succeeds"]],
  status: [
    [{}, "unreachable"],
    [{ value: 429, retryAfter: 2 }, "unreachable"],
    [{ value: 500 }, "incomplete"],
    [{ value: 404 }, "incomplete"],
  ],
  redirect: [[{}, "refused"]],
  html: [[{}, "incomplete"]],
  json: [[{}, "incomplete"]],
  empty: [[{}, "incomplete"]],
  content_type: [[{}, "incomplete"]],
  record_return: [
    [{}, "incomplete"],
    [{ value: 1 }, "incomplete"],
    [{ value: -1 }, "incomplete"],
    [{ value: -1, skip: 2 }, "incomplete"],
  ],
  expired_token: [
    [{}, "token"],
    [{ skip: 1, times: 1 }, "succeeds"],
  ],
  token_missing: [[{}, "succeeds"]],
  token_unchanged: [[{}, "succeeds"]],
  token_malformed: [[{}, "succeeds"]],
  missing_column: [
    [{ text: "cst_eml_address_dn" }, "mapping"],
    [{ text: "cst_no_email_flag" }, "mapping"],
    [{ text: "cst_key" }, "incomplete"],
  ],
  duplicate_row: [[{}, "succeeds"]],
  broken_order: [[{}, "incomplete"]],
  unordered: [[{}, "incomplete"]],
  bad_key: [[{}, "succeeds"]],
  dtd: [[{}, "incomplete"]],
  namespace: [[{}, "incomplete"]],
  soap12: [[{}, "incomplete"]],
  fault: [[{}, "refused"]],
  fault_with_200: [[{}, "refused"]],
  credentials: [[{ operation: "SignOn.Authenticate" }, "credentials"]],
  bad_utf8: [[{}, "incomplete"]],
  giant_text: [[{}, "limit"]],
  deep: [[{}, "limit"]],
  control_character: [[{}, "incomplete"]],
  repeated_element: [[{}, "succeeds"]],
};

let world: World & AsyncDisposable;
let turn = 0;

/** A group of three pages that is in step, in front of a connector without patience. */
beforeAll(async () => {
  const connector = { retries: 1, firstByteTimeoutMs: 400, idleTimeoutMs: 400, totalTimeoutMs: 1500 };
  world = await openWorld({ connector, simulator: { rowCap: 120 } });
  await world.own.listSync();
  await world.own.sync("Everybody");
});
afterEach(() => checkInvariants(world.ctx));
afterAll(() => world[Symbol.asyncDispose]());

/** Somebody comes, somebody goes, somebody changes: what a good sync would bring. */
async function changeAms({ own }: World): Promise<void> {
  turn += 1;
  own.changePerson(7, { cst_eml_address_dn: turn % 2 === 0 ? "" : "comes@example.org" });
  own.changePerson(1, { cst_eml_address_dn: turn % 2 === 0 ? "goes@example.org" : "" });
  own.changePerson(200, { cst_no_email_flag: String(turn % 2) });
  await world.ctx.sessions.close(); // sign in anew: the fault may be about that
}

const cases = Object.entries(outcomes).flatMap(([kind, list]) =>
  list.map(([fault, outcome]) => ({ kind: kind as FaultKind, fault, outcome, shown: JSON.stringify(fault) })),
);

test.each(cases)("1.2 all or nothing: $kind $shown → $outcome", async ({ kind, fault, outcome }) => {
  const { own } = world;
  await changeAms(world);
  const before = await snapshot(own);
  own.strike(kind, { operation: "GetQuery", ...fault });
  const sync = await own.sync("Everybody");
  if (outcome === "succeeds") {
    expect(sync).toMatchObject({ state: "succeeded", errorKind: null });
  } else {
    expect(sync).toMatchObject({ state: "failed", errorKind: outcome });
    expect(sync.errorMessage).toMatch(/^netFORUM Pro|^Something answered/); // a sentence for a marketer
    expect(await snapshot(own)).toEqual(before);
    expect(await own.group("Everybody")).toMatchObject({ countState: "error" });
  }
  own.heal();
  // Refused credentials are final: somebody must look after the bridge.
  if (outcome === "credentials") await testBridge(own.ctx, new AbortController().signal);
  expect(await own.sync("Everybody")).toMatchObject({ state: "succeeded" });
  expect((await own.group("Everybody")).countState).toBe("counted");
  await expectInStep(own, "Everybody");
});
