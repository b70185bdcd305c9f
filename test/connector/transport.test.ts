import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { expect, onTestFinished, test } from "vitest";
import type { QueryKey } from "../../src/connectors/connector.ts";
import { createNetforumProConnector } from "../../src/connectors/netforum-pro/connector.ts";
import { Http } from "../../src/connectors/netforum-pro/http.ts";
import { never, openSession, readAll, readPages, startAms } from "./open-session.ts";
import { rowsAnswer, sendXml, startStandIn } from "./stand-in.ts";

const anyQuery = "0a1b2c3d-0000-4000-8000-0000000000ff" as QueryKey;

test("waits between tries grow, and there are five of them", async () => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind: "status", operation: "GetQuery" }];
  const { session, sleeps } = openSession(ams.url);
  await expect(readAll(session, ams.query)).rejects.toMatchObject({ kind: "unreachable" });
  expect(sleeps).toEqual([500, 1000, 2000, 4000, 8000]);
});

test("waits have jitter", async () => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind: "status", operation: "GetQuery", times: 1 }];
  for (const [random, expected] of [
    [0, 250],
    [0.999, 749.5],
  ] as const) {
    const { session, sleeps } = openSession(ams.url, { random: () => random });
    ams.state.faults.list = [{ kind: "status", operation: "GetQuery", times: 1 }];
    await readAll(session, ams.query);
    expect(sleeps).toEqual([expect.closeTo(expected, 5)]);
  }
});

test.each([
  [7, 7000],
  [0, 500],
  [600, 600_000],
  [86_400, 600_000],
])("a Retry-After of %s s is obeyed: %s ms", async (retryAfter, milliseconds) => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind: "status", operation: "GetQuery", times: 1, retryAfter }];
  const { session, sleeps } = openSession(ams.url);
  expect(await readAll(session, ams.query)).toHaveLength(300);
  expect(sleeps).toEqual([milliseconds]);
});

const atNine = "Mon, 04 Mar 2030 09:00:00 GMT";

test.each([
  ["Mon, 04 Mar 2030 09:00:20 GMT", atNine, 20_000],
  // What older servers write, which every client must read. (RFC 9110, 5.6.7)
  ["Monday, 04-Mar-30 09:00:20 GMT", atNine, 20_000],
  ["Mon Mar  4 09:00:20 2030", atNine, 20_000],
  // The server's clock may be wrong: what counts is how far off the instant is by its own. Without one, by ours.
  ["Mon, 04 Mar 2030 09:00:20 GMT", "Mon, 04 Mar 2030 08:59:50 GMT", 30_000],
  ["Mon, 04 Mar 2030 09:00:20 GMT", undefined, 20_000],
  ["Mon, 04 Mar 2030 08:00:00 GMT", atNine, 500],
  ["Mon, 04 Mar 2031 09:00:00 GMT", atNine, 600_000],
])("a Retry-After that is a date is obeyed: %s, asked at %s: %s ms", async (retryAfter, date, milliseconds) => {
  const { url } = await startStandIn((response, { number }) => {
    if (number > 1) return sendXml(response, rowsAnswer([]));
    response.sendDate = false;
    response.writeHead(503, { "retry-after": retryAfter, ...(date && { date }) }).end();
  });
  const { session, sleeps } = openSession(url, { now: () => Temporal.Instant.from("2030-03-04T09:00:00Z") });
  await readAll(session, anyQuery);
  expect(sleeps).toEqual([milliseconds]);
});

test("a call that has ended leaves nothing behind that waits for its time-out", async () => {
  const ams = await startAms();
  const { session } = openSession(ams.url, { totalTimeoutMs: 3_600_000 });
  // One signal for all calls, as a long read has.
  const { signal } = new AbortController();
  const calls = async (count: number) => {
    for (let call = 0; call < count; call += 1) await session.listMessagingJobQueries(signal);
    ams.state.faults.list = [{ kind: "fault", operation: "GetQuery", times: 1 }];
    await session.listMessagingJobQueries(signal).catch(() => {});
  };
  await calls(5);
  const before = queryObjects(AbortSignal, { format: "count" });
  await calls(30);
  expect(queryObjects(AbortSignal, { format: "count" }) - before).toBeLessThan(10);
});

test.each(["soon", "-1", "Mon", "2030-03-04", "Mon, 99 Foo 2030 09:00:00 GMT"])(
  "a Retry-After that says nothing is none: %s",
  async (retryAfter) => {
    const { url } = await startStandIn((response, { number }) => {
      if (number > 1) return sendXml(response, rowsAnswer([]));
      response.writeHead(503, { "retry-after": retryAfter }).end();
    });
    const { session, sleeps } = openSession(url);
    await readAll(session, anyQuery);
    expect(sleeps).toEqual([500]);
  },
);

test("failures are counted anew once a read goes on", async () => {
  const ams = await startAms({ rowCap: 100 });
  // Four failures before each of the first two pages.
  ams.state.faults.list = [
    { kind: "status", operation: "GetQuery", times: 4 },
    { kind: "status", operation: "GetQuery", skip: 5, times: 4 },
  ];
  const { session, sleeps } = openSession(ams.url);
  expect(await readAll(session, ams.query)).toHaveLength(300);
  expect(sleeps).toEqual([500, 1000, 2000, 4000, 500, 1000, 2000, 4000]);
});

test("a site that nobody answers at is unreachable", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { session, sleeps } = openSession(`http://127.0.0.1:${port}`);
  await expect(readAll(session, anyQuery)).rejects.toMatchObject({
    kind: "unreachable",
    detail: expect.stringMatching(/ECONNREFUSED/),
  });
  expect(sleeps).toHaveLength(5);
});

test("an answer may take so long in all, however busily it drips", async () => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind: "drip", operation: "GetQuery", value: 500 }];
  const { session } = openSession(ams.url, { totalTimeoutMs: 600 });
  await expect(readAll(session, ams.query)).rejects.toMatchObject({
    kind: "limit",
    detail: expect.stringMatching(/total time/),
  });
});

test("a good answer with status 500 is no good answer", async () => {
  const key = "0a1b2c3d-0000-4000-8000-000000000001";
  const row = { cst_key: key, cst_eml_address_dn: "", cst_no_email_flag: "0" };
  const { url } = await startStandIn((response, { number }) => {
    sendXml(response, rowsAnswer(number === 1 ? [row] : []), number === 1 ? 200 : 500);
  });
  const { session } = openSession(url);
  const read = Array.fromAsync(session.readIndividuals(anyQuery, [], { signal: never }));
  await expect(read).rejects.toMatchObject({ kind: "incomplete", detail: "GetQuery" });
});

test("a redirect is followed nowhere, not even to the same host", async () => {
  const { url, paths } = await startStandIn((response) => {
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  const { session } = openSession(url);
  await expect(readAll(session, anyQuery)).rejects.toMatchObject({ kind: "refused" });
  expect(paths).toEqual(["/xweb/Signon.asmx", "/xweb/netFORUMXMLONDemand.asmx"]);
});

test("a busy answer without an end doesn't hold the read up", async () => {
  for (const status of [503, 302, 200]) {
    const { url } = await startStandIn((response) => {
      response.writeHead(status, { "content-type": "text/html", location: "/x" });
      const timer = setInterval(() => response.write("x".repeat(1000)), 5);
      response.on("close", () => clearInterval(timer));
    });
    const { session } = openSession(url, { retries: 1, totalTimeoutMs: 2000 });
    const began = performance.now();
    await expect(readAll(session, anyQuery)).rejects.toMatchObject({ name: "AmsError" });
    expect(performance.now() - began).toBeLessThan(5000);
  }
});

for (const [title, fault] of [
  ["while nothing comes", { kind: "black_hole" }],
  ["in the middle of an answer", { kind: "drip", value: 5000 }],
  ["while the site is busy", { kind: "status", retryAfter: 600 }],
] as const) {
  test(`a read that is cancelled ends at once: ${title}`, async () => {
    const ams = await startAms();
    ams.state.faults.list = [{ ...fault, operation: "GetQuery" }];
    const patience = 30_000;
    const { session } = openSession(ams.url, {
      firstByteTimeoutMs: patience,
      idleTimeoutMs: patience,
      sleep: (_, signal) => wait(patience, undefined, { signal }),
    });
    const controller = new AbortController();
    const read = readAll(session, ams.query, controller.signal);
    await wait(150);
    const began = performance.now();
    controller.abort();
    await expect(read).rejects.toMatchObject({ name: "AmsError", kind: "cancelled" });
    expect(performance.now() - began).toBeLessThan(500);
  });
}

test("a read that was cancelled before it began makes no call", async () => {
  const ams = await startAms();
  const { session } = openSession(ams.url);
  await expect(readAll(session, ams.query, AbortSignal.abort())).rejects.toMatchObject({ kind: "cancelled" });
  expect(ams.state.callCount).toBe(0);
});

test("a read that is cancelled between two pages goes no further", async () => {
  const ams = await startAms({ rowCap: 10 });
  const { session } = openSession(ams.url);
  const controller = new AbortController();
  const read = (async () => {
    for await (const _ of readPages(session, ams.query, controller.signal)) controller.abort();
  })();
  await expect(read).rejects.toMatchObject({ kind: "cancelled" });
  expect(ams.state.calls.get("GetQuery")).toBe(1);
});

test("a consumer that stops leaves a session that can read again", async () => {
  const ams = await startAms({ rowCap: 100 });
  const { session } = openSession(ams.url);
  for await (const _ of readPages(session, ams.query)) break;
  expect(await readAll(session, ams.query)).toHaveLength(300);
});

const strict = createNetforumProConnector({
  allowPrivateAddresses: false,
  connectTimeoutMs: 1000,
  firstByteTimeoutMs: 1000,
  idleTimeoutMs: 1000,
  totalTimeoutMs: 1000,
  now: () => Temporal.Now.instant(),
  monotonicMs: () => 0,
  sleep: async () => {},
  random: () => 0.5,
});

test("an address that may not be called is refused when a bridge is saved, and when it is opened", async () => {
  const settings = { userName: "u", password: "p", mapping: null };
  for (const baseUrl of ["http://netforumpro.com", "https://127.0.0.1", "https://[::1]", "https://localhost"]) {
    await expect(strict.checkUrl(baseUrl)).rejects.toMatchObject({ name: "AmsError", kind: "refused" });
    expect(() => strict.open({ baseUrl, ...settings })).toThrow(expect.objectContaining({ kind: "refused" }));
  }
  await strict.checkUrl("https://netforumpro.com/xweb");
});

test("a name that leads to a private address is refused when it is called", async () => {
  const ams = await startAms();
  const http = new Http(
    {
      allowPrivateAddresses: false,
      connectTimeoutMs: 1000,
      firstByteTimeoutMs: 1000,
      idleTimeoutMs: 1000,
      totalTimeoutMs: 1000,
      now: () => Temporal.Now.instant(),
    },
    false,
  );
  onTestFinished(() => http.close());
  const called = http.send(new URL(`http://localhost:${ams.port}/xweb/Signon.asmx?WSDL`), {}, never);
  await expect(called).rejects.toMatchObject({ kind: "refused", detail: expect.stringMatching(/loopback address/) });
});

/** A server that must not be called. */
async function startTrap(): Promise<{ port: number; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, hits };
}

test("a path is never taken for another host", async () => {
  const trap = await startTrap();
  const { url, paths } = await startStandIn((response) => sendXml(response, rowsAnswer([])));
  for (const path of [
    `//127.0.0.1:${trap.port}`,
    `///127.0.0.1:${trap.port}/xweb`,
    `/\\127.0.0.1:${trap.port}/x.asmx`,
  ]) {
    const { session } = openSession(`${url}${path}`);
    await readAll(session, anyQuery);
  }
  expect(trap.hits).toEqual([]);
  expect(paths).toHaveLength(6);
});

test.each([
  ["", "/xweb/"],
  ["/", "/xweb/"],
  ["/xWeb", "/xWeb/"],
  ["/xweb/", "/xweb/"],
  ["/xWeb/Signon.asmx", "/xWeb/"],
  ["/xweb/netFORUMXMLONDemand.asmx?WSDL", "/xweb/"],
  ["/some/site", "/some/site/xweb/"],
])("the address of a site, of its folder or of a service in it means the folder: %j", async (path, folder) => {
  const { url, paths } = await startStandIn((response) => sendXml(response, rowsAnswer([])));
  await readAll(openSession(`${url}${path}`).session, anyQuery);
  expect(paths).toEqual([`${folder}Signon.asmx`, `${folder}netFORUMXMLONDemand.asmx`]);
});
