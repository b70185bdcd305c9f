import type { AddressInfo } from "node:net";
import { connect as connectTo, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { eachMember } from "../../simulator/messaging-jobs.ts";
import { textOf } from "../../simulator/people.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import type { QueryKey } from "../../src/connectors/connector.ts";
import { defaultMapping } from "../../src/connectors/netforum-pro/mapping.ts";
import { must } from "../../src/platform/errors.ts";
import { fields, never, openSession, readAll, readPages, startAms } from "./open-session.ts";
import { rowsAnswer, sendXml, startStandIn } from "./stand-in.ts";

/** Customer keys of the query's members, from the AMS's own file. */
function keysOf({ state }: Simulator): string[] {
  const keys: string[] = [];
  eachMember(state.people, must(state.jobs[0], "there is a query"), 0, (index) => {
    keys.push(textOf(state.people, index, "cst_key"));
    return true;
  });
  return keys;
}

test("1.2 a site that cuts its answers at 1, 7 or 300 rows has the same individuals as one that doesn't", async () => {
  const ams = await startAms();
  const { session, calls } = openSession(ams.url);
  const whole = await readAll(session, ams.query);
  expect(whole.map(({ remoteId }) => remoteId)).toEqual(keysOf(ams));
  for (const cap of [1, 7, 300]) {
    ams.state.rowCap = cap;
    calls.length = 0;
    expect(await readAll(session, ams.query)).toEqual(whole);
    // A short page is never taken for the last: only an empty one is.
    expect(calls).toHaveLength(Math.ceil(whole.length / cap) + 1);
  }
});

test("a read goes on behind any page's cursor", async () => {
  const ams = await startAms({ rowCap: 90 });
  const { session } = openSession(ams.url);
  const whole = await readAll(session, ams.query);
  let before = 0;
  for await (const { individuals, cursor } of readPages(session, ams.query)) {
    before += individuals.length;
    const rest = openSession(ams.url).session.readIndividuals(ams.query, fields, { signal: never, after: cursor });
    const behind = [];
    for await (const page of rest) behind.push(...page.individuals);
    expect(behind).toEqual(whole.slice(before));
  }
  expect(before).toBe(whole.length);
});

test("keys in capitals and braces are the same keys", async () => {
  const keys = ["0A1B2C3D-0000-4000-8000-000000000001", "0A1B2C3D-0000-4000-8000-000000000002"];
  const rows = keys.map((key) => ({ cst_key: `{${key}}`, cst_eml_address_dn: "", cst_no_email_flag: "0" }));
  const asked: string[] = [];
  const { url } = await startStandIn((response, { number, body }) => {
    asked.push(/cst_key &gt; '([^']*)'/.exec(body)?.[1] ?? "");
    sendXml(response, rowsAnswer(rows.slice(number - 1, number)));
  });
  const { session } = openSession(url);
  const read = [];
  for await (const page of session.readIndividuals("0a1b2c3d-0000-4000-8000-0000000000ff" as QueryKey, [], {
    signal: never,
  }))
    read.push(...page.individuals);
  const plain = keys.map((key) => key.toLowerCase());
  expect(read.map(({ remoteId }) => remoteId)).toEqual(plain);
  expect(asked.slice(1)).toEqual(plain);
});

const spellings: Readonly<Record<string, (key: string) => string>> = {
  "lower case": (key) => key,
  capitals: (key) => key.toUpperCase(),
  braces: (key) => `{${key}}`,
  "a space": (key) => ` ${key}`,
};

test.each(Object.entries(spellings))(
  "1.2 a page that begins where the last one ended is no page behind it (keys in %s)",
  async (_, spell) => {
    const row = (digit: number) => ({
      cst_key: spell(`0a1b2c3d-0000-4000-8000-00000000000${digit}`),
      cst_eml_address_dn: "",
      cst_no_email_flag: "0",
    });
    // As a site would with >= in place of >.
    const { url, paths } = await startStandIn((response, { number }) =>
      sendXml(response, rowsAnswer([row(number), row(number + 1)])),
    );
    const query = "0a1b2c3d-0000-4000-8000-0000000000ff" as QueryKey;
    const pages = openSession(url).session.readIndividuals(query, [], { signal: never });
    await expect(Array.fromAsync(pages)).rejects.toMatchObject({
      kind: "incomplete",
      message: expect.stringMatching(/begins with the row that the page before ended with/),
    });
    expect(paths).toHaveLength(4); // two calls, each behind a sign-on: this site hands out no tokens
  },
);

test("1.2 a list of queries that comes in no order is not taken for whole: no group may be marked missing by it", async () => {
  const ams = await startAms({
    jobs: Array.from({ length: 40 }, (_, at) => ({ name: `Query ${at}`, size: 1 })),
    rowCap: 10,
  });
  ams.state.faults.list = [{ kind: "unordered", operation: "GetQuery" }];
  await expect(openSession(ams.url).session.listMessagingJobQueries(never)).rejects.toMatchObject({
    kind: "incomplete",
  });
});

test("1.2 a read that goes on behind a cursor knows the order by it", async () => {
  const row = (digit: number) => ({
    cst_key: `0a1b2c3d-0000-4000-8000-00000000000${digit}`,
    cst_eml_address_dn: "",
    cst_no_email_flag: "0",
  });
  const { url } = await startStandIn((response, { number }) =>
    sendXml(response, rowsAnswer(number === 1 ? [row(4)] : [])),
  );
  const query = "0a1b2c3d-0000-4000-8000-0000000000ff" as QueryKey;
  const behind = (after: string) =>
    Array.fromAsync(openSession(url).session.readIndividuals(query, [], { signal: never, after }));
  await expect(behind(row(5).cst_key)).rejects.toMatchObject({ kind: "incomplete" });
});

test("a query that nobody is in has no page", async () => {
  const ams = await startAms({ jobs: [{ name: "Nobody", size: 0 }] });
  expect(await readAll(openSession(ams.url).session, ams.query)).toEqual([]);
});

test.each(["../../etc/passwd", "' OR '1'='1", "", "00000000-0000-0000-0000-00000000000"])(
  "a query key that is none makes no call: %j",
  async (key) => {
    const ams = await startAms();
    await expect(readAll(openSession(ams.url).session, key as QueryKey)).rejects.toMatchObject({ kind: "refused" });
    expect(ams.state.callCount).toBe(0);
  },
);

test("a cursor that is none makes no call", async () => {
  const ams = await startAms();
  const pages = openSession(ams.url).session.readIndividuals(ams.query, fields, { signal: never, after: "'; --" });
  await expect(Array.fromAsync(pages)).rejects.toMatchObject({ kind: "refused" });
  expect(ams.state.callCount).toBe(0);
});

/** Passes bytes on to a port, and counts those that come back. */
async function startCounter(port: number): Promise<{ url: string; bytes: number }> {
  const counter = { url: "", bytes: 0 };
  const server = createServer((near) => {
    const far = connectTo(port, "127.0.0.1");
    far.on("data", (chunk) => {
      counter.bytes += chunk.length;
    });
    far.pipe(near).pipe(far);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  counter.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return counter;
}

test("while the consumer is slow, the answer waits at the site", async () => {
  const ams = await startAms({ members: 400_000, jobs: [{ name: "Everybody", size: 400_000 }] });
  const counter = await startCounter(ams.port);
  // Time-outs must not mistake the pause for a dead site.
  const { session } = openSession(counter.url, { firstByteTimeoutMs: 10_000, idleTimeoutMs: 10_000 });
  for await (const _ of readPages(session, ams.query)) {
    let before = -1;
    while (before !== counter.bytes) {
      before = counter.bytes;
      await wait(300);
    }
    break;
  }
  // Of about 100 MB, no more than the sockets' own buffers hold.
  expect(counter.bytes).toBeGreaterThan(100_000);
  expect(counter.bytes).toBeLessThan(25_000_000);
});

test("the list of queries is whole, whatever the site's row cap", async () => {
  const names = ["All members", 'Newsletter "Advances" & <more>', "  ", "Conférence – 山田"];
  const ams = await startAms({ jobs: names.map((name) => ({ name, size: 1 })) });
  const { session } = openSession(ams.url);
  for (const cap of [Number.POSITIVE_INFINITY, 1, 3]) {
    ams.state.rowCap = cap;
    const found = await session.listMessagingJobQueries(never);
    expect(found).toEqual(ams.state.jobs.map(({ key, name }) => ({ key, name: name.trim() || key })));
  }
});

test("the list of personalization fields says what should not stand in a mail", async () => {
  const ams = await startAms();
  const found = await openSession(ams.url).session.listPersonalizationFields(never);
  expect(found).toContainEqual({ name: "mbr_join_date", dataType: "dateTime", isSensitive: false });
  expect(found.filter(({ isSensitive }) => isSensitive).map(({ name }) => name)).toEqual([
    "ind_dob",
    "ind_ssn",
    "cst_web_password",
  ]);
});

test("2.4 do-not-email is set and lifted by customer key", async () => {
  const ams = await startAms();
  const { session } = openSession(ams.url);
  const remoteId = textOf(ams.state.people, 5, "cst_key");
  const at = Temporal.Instant.from("2030-03-04T09:00:00Z");
  expect(await session.readDoNotEmail(remoteId, never)).toBe(false);
  await session.setDoNotEmail({ remoteId, doNotEmail: true, at }, never);
  expect(await session.readDoNotEmail(remoteId, never)).toBe(true);
  await session.setDoNotEmail({ remoteId, doNotEmail: false, at }, never);
  expect(await session.readDoNotEmail(remoteId, never)).toBe(false);
  expect(ams.state.doNotEmail).toEqual([
    { key: remoteId, flag: "1" },
    { key: remoteId, flag: "0" },
  ]);
  const nobody = textOf({ ...ams.state.people, count: 1e6 }, 999_999, "cst_key");
  expect(await session.readDoNotEmail(nobody, never)).toBeUndefined();
  for (const key of ["", "' OR '1'='1", `${remoteId}<x/>`])
    await expect(session.setDoNotEmail({ remoteId: key, doNotEmail: true, at }, never)).rejects.toMatchObject({
      kind: "refused",
    });
  expect(ams.state.doNotEmail).toHaveLength(2);
});

test("5.1 the history has a change once, with its time and reason, also when nobody knows whether it was written", async () => {
  const ams = await startAms();
  const { session } = openSession(ams.url);
  const remoteId = textOf(ams.state.people, 5, "cst_key");
  const at = Temporal.Instant.from("2030-03-04T09:00:00Z");
  const change = { remoteId, doNotEmail: true, at, reason: "</activity_text>&" };
  ams.state.faults.list = [{ kind: "reset", operation: "NewHistoricalActivity", times: 1 }];
  await expect(session.recordDoNotEmail(change, false, never)).rejects.toMatchObject({ kind: "unreachable" });
  await session.recordDoNotEmail(change, true, never);
  const line = { date: "3/4/2030 9:00:00 AM", text: "</activity_text>&" };
  expect(ams.state.activities.get(remoteId)).toEqual([line]);
  // Another decision of the same second is another line; where a site can't tell, none is added.
  await session.recordDoNotEmail({ ...change, doNotEmail: false, reason: "Resubscribed" }, true, never);
  expect(ams.state.activities.get(remoteId)).toHaveLength(2);
  const silent = openSession(ams.url, { mapping: { ...defaultMapping, findActivity: null } }).session;
  await silent.recordDoNotEmail({ ...change, at: at.add({ seconds: 2 }) }, true, never);
  expect(ams.state.activities.get(remoteId)).toHaveLength(2);
});

test("a change is tried once: the network's fault is told at once, with what Retry-After asks", async () => {
  const ams = await startAms();
  const { session, sleeps } = openSession(ams.url);
  const change = { remoteId: textOf(ams.state.people, 5, "cst_key"), doNotEmail: true, at: Temporal.Now.instant() };
  ams.state.faults.list = [{ kind: "status", value: 503, retryAfter: 7, operation: "SetIndividualInformation" }];
  await expect(session.setDoNotEmail(change, never)).rejects.toMatchObject({ kind: "unreachable", retryAfterMs: 7000 });
  expect(ams.state.calls.get("SetIndividualInformation")).toBe(1);
  expect(sleeps).toEqual([]);
});

test.each([
  ["doesn't let its history be written", "Object reference not set to an instance of an object."],
  ["has no operation for it", "Server did not recognize the value of HTTP Header SOAPAction: NewHistoricalActivity."],
])("a site that %s still has the flag set", async (_, text) => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind: "fault", operation: "NewHistoricalActivity", text }];
  const remoteId = textOf(ams.state.people, 5, "cst_key");
  const at = Temporal.Instant.from("2030-03-04T09:00:00Z");
  const { session } = openSession(ams.url);
  const change = { remoteId, doNotEmail: true, at };
  await session.setDoNotEmail(change, never);
  await session.recordDoNotEmail(change, false, never);
  await session.recordDoNotEmail(change, true, never);
  expect(ams.state.doNotEmail).toEqual([{ key: remoteId, flag: "1" }]);
});
