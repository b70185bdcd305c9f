import { expect, test } from "vitest";
import type { MessagingJobQuery, Session } from "../../src/connectors/connector.ts";
import { defaultMapping } from "../../src/connectors/netforum-pro/mapping.ts";
import { fields, never, openSession, readAll, startAms } from "./open-session.ts";

const at = Temporal.Instant.from("2030-03-04T09:00:00Z");

/** Everything that a session can be asked for. */
const requests: Readonly<Record<string, (session: Session, query: MessagingJobQuery["key"]) => Promise<unknown>>> = {
  "the individuals": (session, query) => readAll(session, query),
  "the queries": (session) => session.listMessagingJobQueries(never),
  "the fields": (session) => session.listPersonalizationFields(never),
  "the opt-out categories": async (session) => session.listOptOutCategories?.(never),
  "a writeback": (session, remoteId) => session.setDoNotEmail({ remoteId, doNotEmail: true, at }, never),
};

test.each(Object.entries(requests))(
  "refused credentials are final: one sign-on, and no call for %s",
  async (_, request) => {
    for (const wrong of [{ password: "wrong" }, { userName: "nobody" }, { password: "</password><a>&" }]) {
      const ams = await startAms();
      const { session, sleeps } = openSession(ams.url, wrong);
      await expect(request(session, ams.query)).rejects.toMatchObject({ name: "AmsError", kind: "credentials" });
      expect([...ams.state.calls]).toEqual([["SignOn.Authenticate", 1]]);
      expect(sleeps).toEqual([]);
    }
  },
);

test("an account that is locked is told like refused credentials", async () => {
  const ams = await startAms();
  for (let turn = 0; turn < 25; turn += 1) ams.state.sessions.signOn("lockstep", "wrong");
  await expect(readAll(openSession(ams.url).session, ams.query)).rejects.toMatchObject({
    kind: "credentials",
    detail: expect.stringMatching(/locked/),
  });
});

test("a session signs in once, and each answer brings the token for the next call", async () => {
  const ams = await startAms({ rowCap: 50 });
  const { session } = openSession(ams.url);
  for (const request of [...Object.values(requests).slice(0, 3)]) await request(session, ams.query);
  expect(ams.state.calls.get("SignOn.Authenticate")).toBe(1);
  expect(ams.state.sessions.active).toBe(1);
});

test("a user name and a password may hold any character that XML can", async () => {
  const userName = 'Zoë <a@b> & "co"';
  const password = "  ]]>&amp;'\t山 ";
  const ams = await startAms({ userName, password });
  expect(await readAll(openSession(ams.url, { userName, password }).session, ams.query)).toHaveLength(300);
});

test("a token that expires between two reads costs one sign-on", async () => {
  const ams = await startAms();
  const { session, calls } = openSession(ams.url);
  await readAll(session, ams.query);
  ams.state.sessions.expireAll();
  expect(await session.listMessagingJobQueries(never)).toHaveLength(1);
  expect(calls).toEqual([
    "SignOn ok",
    "GetQuery ok",
    "GetQuery ok",
    "GetQuery token",
    "SignOn ok",
    "GetQuery ok",
    "GetQuery ok",
  ]);
});

test("a token that expires in the middle of a long read costs one sign-on and no row", async () => {
  const ams = await startAms({ rowCap: 20 });
  const whole = await readAll(openSession(ams.url).session, ams.query);
  for (const skip of [0, 1, 7, 14, 15]) {
    ams.state.faults.list = [{ kind: "expired_token", operation: "GetQuery", skip, times: 1 }];
    const before = ams.state.sessions.signOns;
    expect(await readAll(openSession(ams.url).session, ams.query)).toEqual(whole);
    expect(ams.state.sessions.signOns - before).toBe(2);
  }
});

test("credentials that are refused in the middle of a read are final", async () => {
  const ams = await startAms({ rowCap: 20 });
  ams.state.faults.list = [
    { kind: "expired_token", operation: "GetQuery", skip: 3, times: 1 },
    { kind: "credentials", operation: "SignOn.Authenticate", skip: 1 },
  ];
  await expect(readAll(openSession(ams.url).session, ams.query)).rejects.toMatchObject({ kind: "credentials" });
  expect(ams.state.calls.get("SignOn.Authenticate")).toBe(2);
  expect(ams.state.calls.get("GetQuery")).toBe(4);
});

test.each(["html", "empty", "dtd", "soap12"] as const)(
  "a sign-on that answers with %s gives no token",
  async (kind) => {
    const ams = await startAms();
    ams.state.faults.list = [{ kind, operation: "SignOn.Authenticate" }];
    await expect(readAll(openSession(ams.url).session, ams.query)).rejects.toMatchObject({ kind: "incomplete" });
    expect(ams.state.callCount).toBe(1);
  },
);

test("Test connection says what works, step by step", async () => {
  const ams = await startAms();
  const report = await openSession(ams.url).session.check(never);
  expect(report).toEqual({
    ok: true,
    steps: [
      expect.objectContaining({ title: "Read the service description", outcome: "ok" }),
      expect.objectContaining({ title: "Sign in", outcome: "ok" }),
      { title: "List the messaging job queries", outcome: "ok", message: "1 found" },
      expect.objectContaining({ outcome: "ok", message: expect.stringMatching(/3 of them start as not valid/) }),
      expect.objectContaining({ outcome: "ok", message: "'Everybody' answers; its first page has 300 rows" }),
      { title: "List the opt-out categories (optional)", outcome: "ok", message: "3 found" },
    ],
  });
});

test("Test connection tries refused credentials once, and nothing behind them", async () => {
  const ams = await startAms();
  const { ok, steps } = await openSession(ams.url, { password: "wrong" }).session.check(never);
  expect([ok, ...steps.map(({ outcome }) => outcome)]).toEqual([
    false,
    "ok",
    "failed",
    "skipped",
    "skipped",
    "skipped",
  ]);
  expect(steps[1]?.message).toMatch(/^netFORUM Pro refused the user name or password/);
  expect(ams.state.calls.get("SignOn.Authenticate")).toBe(1);
});

test("Test connection names every operation and parameter that the site lacks", async () => {
  const ams = await startAms();
  const mapping = {
    ...defaultMapping,
    fields: { operation: "GetFields", parameters: {} },
    setDoNotEmail: { operation: "SetIndividualInformation", parameters: { Key: "{key}" } },
  };
  const { ok, steps } = await openSession(ams.url, { mapping }).session.check(never);
  expect(ok).toBe(false);
  expect(steps[0]?.message).toMatch(/lacks the operation GetFields, SetIndividualInformation's parameter Key\./);
  expect(ams.state.callCount).toBe(0);
});

test("Test connection warns of individuals that are read in one answer", async () => {
  const ams = await startAms();
  const parameters = { ...defaultMapping.individuals.parameters, szWhereClause: "mjb_key = '{job}'" };
  const mapping = { ...defaultMapping, individuals: { ...defaultMapping.individuals, parameters } };
  const { session } = openSession(ams.url, { mapping });
  const { ok, steps } = await session.check(never);
  expect(ok).toBe(true);
  expect(steps[0]?.message).toMatch(/would go unnoticed/);
  expect(await Array.fromAsync(session.readIndividuals(ams.query, fields, { signal: never }))).toHaveLength(1);
});

test.each(["black_hole", "reset", "html", "giant_text", "deep", "fault", "credentials"] as const)(
  "Test connection never throws: %s",
  async (kind) => {
    const ams = await startAms();
    ams.state.faults.list = [{ kind }];
    const { ok, steps } = await openSession(ams.url, { retries: 0 }).session.check(never);
    expect(ok).toBe(false);
    expect(steps).toHaveLength(5);
    for (const { message } of steps) expect(message).not.toMatch(/undefined|\[object|demo/);
  },
);
