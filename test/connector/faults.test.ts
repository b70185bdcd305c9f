import { expect, test } from "vitest";
import type { Fault, FaultKind } from "../../simulator/faults.ts";
import { AmsError, type AmsErrorKind, type Individual } from "../../src/connectors/connector.ts";
import { openSession, readAll, readPages, startAms } from "./open-session.ts";

interface Outcome {
  /** What the read ends with; left out, it gives everybody. */
  readonly kind?: AmsErrorKind;
  readonly detail?: RegExp;
  /** Calls of GetQuery in all; left out, as many as without the fault. */
  readonly calls?: number;
  readonly signOns?: number;
  /** Rows beside everybody's: those that the fault put in. */
  readonly more?: number;
}

type Case = readonly [Partial<Fault>, Outcome];

/** A read of three pages of 100 rows and an empty one: four calls, one sign-on. */
const calls = 4;
const tries = 6;
const final = { calls: 1, signOns: 1 };
const unreachable = { kind: "unreachable", calls: tries, signOns: tries } as const;
const mended = { calls: calls + 1, signOns: 2 };
const once = { skip: 1, times: 1 };

/** What each fault must come to, when it lasts and when it strikes the second call alone. */
const outcomes: Readonly<Record<FaultKind, readonly Case[]>> = {
  truncate: [
    [{ afterBytes: 0 }, { kind: "incomplete", detail: /is empty|not well-formed/, ...final }],
    [
      { afterBytes: 900, ...once },
      { kind: "incomplete", detail: /not well-formed/, calls: 2, signOns: 1 },
    ],
  ],
  reset: [
    [{ afterBytes: 500 }, { ...unreachable, detail: /6 tries/ }],
    [{ afterBytes: 500, ...once }, mended],
  ],
  stall: [
    [{ afterBytes: 700 }, { ...unreachable, detail: /stopped in the middle/ }],
    [{ afterBytes: 700, ...once }, mended],
  ],
  black_hole: [
    [{}, { ...unreachable, detail: /did not begin to answer/ }],
    [once, mended],
  ],
  drip: [[{ value: 20_000, times: 1 }, {}]],
  latency: [[{ value: 20 }, {}]],
  status: [
    ...[429, 502, 503, 504].flatMap((value): Case[] => [
      [{ value }, { ...unreachable, detail: new RegExp(`6 tries, the last: .*${value}`) }],
      [{ value, ...once }, mended],
    ]),
    ...[400, 401, 403, 404, 500, 501].map(
      (value): Case => [
        { value },
        { kind: "incomplete", detail: new RegExp(`status ${value}, text/html.*Service unavailable`), ...final },
      ],
    ),
  ],
  redirect: [
    [{}, { kind: "refused", detail: /status 302 to http:\/\/192\.0\.2\.1\//, ...final }],
    [{ text: "http://169.254.169.254/latest/meta-data" }, { kind: "refused", ...final }],
    [{ text: "file:///etc/passwd" }, { kind: "refused", ...final }],
    [{ text: "/xweb/netFORUMXMLONDemand.asmx" }, { kind: "refused", ...final }],
  ],
  html: [[{}, { kind: "incomplete", detail: /status 200, text\/html.*Down for maintenance/, ...final }]],
  json: [[{}, { kind: "incomplete", detail: /application\/json.*no/, ...final }]],
  empty: [
    [{}, { kind: "incomplete", ...final }],
    [once, { kind: "incomplete", calls: 2, signOns: 1 }],
  ],
  content_type: [
    [{}, { kind: "incomplete", ...final }],
    [{ text: "application/octet-stream" }, { kind: "incomplete", ...final }],
    [{ text: "application/soap+xml" }, { kind: "incomplete", ...final }],
    [{ text: "application/xml" }, {}],
    [{ text: "TEXT/XML" }, {}],
  ],
  record_return: [
    [{}, { kind: "incomplete", detail: /doesn't say how many/, ...final }],
    [{ value: 1 }, { kind: "incomplete", detail: /says it has 101 rows, but has 100/, ...final }],
    [{ value: -1 }, { kind: "incomplete", detail: /says it has 99 rows, but has 100/, ...final }],
    [
      { value: 1, skip: 3 },
      { kind: "incomplete", detail: /says it has 1 rows, but has 0/, calls, signOns: 1 },
    ],
    [{ skip: 3 }, { kind: "incomplete", detail: /doesn't say how many/, calls, signOns: 1 }],
  ],
  expired_token: [
    [{}, { kind: "token", calls: 2, signOns: 2 }],
    [once, mended],
    [{ skip: 3, times: 1 }, mended],
    [
      { skip: 1, times: 2 },
      { kind: "token", calls: 3, signOns: 2 },
    ],
  ],
  token_missing: [[{}, { signOns: calls }]],
  token_unchanged: [[{}, { signOns: calls }]],
  token_malformed: [[{}, { signOns: calls }]],
  missing_column: [
    [{ text: "cst_eml_address_dn" }, { kind: "mapping", detail: /100 rows without cst_eml_address_dn/, ...final }],
    [
      { text: "org_name", ...once },
      { kind: "mapping", calls: 2, signOns: 1 },
    ],
    [{ text: "cst_key" }, { kind: "incomplete", ...final }],
  ],
  duplicate_row: [[{}, { more: 3 }]],
  broken_order: [[{}, { kind: "incomplete", calls: 2, signOns: 1 }]],
  unordered: [
    [{}, { kind: "incomplete", detail: / after /, ...final }],
    [once, { kind: "incomplete", calls: 2, signOns: 1 }],
  ],
  bad_key: [[{}, { more: 3 }]],
  dtd: [[{}, { kind: "incomplete", detail: /document type definition/, ...final }]],
  namespace: [[{}, { kind: "incomplete", detail: /example\.org\/other/, ...final }]],
  soap12: [[{}, { kind: "incomplete", detail: /SOAP 1\.2/, ...final }]],
  fault: [
    [{}, { kind: "refused", detail: /GetQuery: soap:Client Object reference not set[^\n]*$/, ...final }],
    [{ text: "Invalid column name 'x'" }, { kind: "mapping", ...final }],
    [{ text: "Invalid Token Value", ...once }, mended],
  ],
  fault_with_200: [
    [{}, { kind: "refused", ...final }],
    [{ text: "Invalid Token Value", ...once }, mended],
  ],
  credentials: [
    [{ operation: "SignOn.Authenticate" }, { kind: "credentials", calls: 0, signOns: 1 }],
    [
      { operation: "SignOn.Authenticate", times: 1 },
      { kind: "credentials", calls: 0, signOns: 1 },
    ],
  ],
  bad_utf8: [[{}, { kind: "incomplete", detail: /UTF-8/, ...final }]],
  giant_text: [[{}, { kind: "limit", detail: /longer than 1048576/, ...final }]],
  deep: [[{}, { kind: "limit", detail: /nested deeper than 64/, ...final }]],
  control_character: [[{}, { kind: "incomplete", detail: /not well-formed/, ...final }]],
  repeated_element: [[{}, {}]],
};

const cases = Object.entries(outcomes).flatMap(([kind, list]) =>
  list.map(([fault, outcome]) => {
    const ends = outcome.kind ?? "everybody";
    return { kind: kind as FaultKind, fault, outcome, ends, shown: JSON.stringify(fault) };
  }),
);

/** The member file is the same in every test: made from one seed. */
let everybody: readonly Individual[] | undefined;

test.each(cases)("1.2 $kind $shown → $ends", async ({ kind, fault, outcome }) => {
  const ams = await startAms({ rowCap: 100 });
  everybody ??= await readAll(openSession(ams.url).session, ams.query);
  const whole = everybody;
  const { session } = openSession(ams.url, { firstByteTimeoutMs: 250, idleTimeoutMs: 250 });
  const { calls: called } = ams.state;
  called.clear();
  ams.state.faults.list = [{ kind, operation: "GetQuery", ...fault }];
  const read = readAll(session, ams.query);
  if (outcome.kind === undefined) {
    const rows = await read;
    expect(rows).toHaveLength(whole.length + (outcome.more ?? 0));
    const keys = new Set(whole.map(({ remoteId }) => remoteId));
    const isOwn = ({ remoteId }: { remoteId: string }, at: number) =>
      keys.has(remoteId) && remoteId !== rows[at - 1]?.remoteId;
    expect(rows.filter(isOwn)).toEqual(whole);
  } else {
    const error = await read.catch((caught: unknown) => caught);
    if (!(error instanceof AmsError)) throw new Error("the read gave everybody, or broke", { cause: error });
    expect(error.kind).toBe(outcome.kind);
    expect(error.message).toMatch(/^(netFORUM Pro|Something answered)[^<>\n]*[.?]$/); // a sentence for a marketer
    if (outcome.detail) expect(error.detail).toMatch(outcome.detail);
    // No secret of ours, no stack trace of theirs.
    expect(`${error.message} ${error.detail}`).not.toMatch(/demo|xWebOD|\.cs:line/);
  }
  expect([called.get("GetQuery") ?? 0, called.get("SignOn.Authenticate")]).toEqual([
    outcome.calls ?? calls,
    outcome.signOns ?? 1,
  ]);
});

test("1.2 a connection reset at any of 20 places is gone on from: every individual comes once", async () => {
  const ams = await startAms({ members: 3000, jobs: [{ name: "Everybody", size: 3000 }] });
  const whole = await readAll(openSession(ams.url).session, ams.query);
  const size = 700_000; // bytes, about
  for (let place = 0; place < 20; place += 1) {
    const afterBytes = Math.floor((size * place) / 20);
    ams.state.faults.list = [{ kind: "reset", operation: "GetQuery", times: 1, afterBytes }];
    const { session, calls: told } = openSession(ams.url);
    expect(await readAll(session, ams.query)).toEqual(whole);
    expect(told.filter((call) => call === "GetQuery unreachable")).toHaveLength(1);
  }
});

test("1.2 what came before an answer stopped in its middle is not asked for again", async () => {
  const ams = await startAms({ members: 3000, jobs: [{ name: "Everybody", size: 3000 }] });
  const whole = await readAll(openSession(ams.url).session, ams.query);
  ams.state.faults.list = [{ kind: "stall", operation: "GetQuery", times: 1, afterBytes: 500_000 }];
  const { session, calls: told } = openSession(ams.url);
  const keys: string[] = [];
  let before = 0;
  for await (const { individuals } of readPages(session, ams.query)) {
    keys.push(...individuals.map(({ remoteId }) => remoteId));
    if (!told.includes("GetQuery unreachable")) before = keys.length;
  }
  expect(keys).toEqual(whole.map(({ remoteId }) => remoteId));
  expect(before).toBeGreaterThanOrEqual(1000);
});
