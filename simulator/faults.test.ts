import { expect, onTestFinished, test } from "vitest";
import type { Fault, FaultKind } from "./faults.ts";
import { compareKeys } from "./guid.ts";
import { type Simulator, startSimulator } from "./simulator.ts";
import { parseReply, type Reply, XwebClient } from "./xweb-client.ts";

const columns = "cst_key,cst_eml_address_dn,ind_last_name";
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Setup {
  readonly simulator: Simulator;
  readonly client: XwebClient;
  /** Switches one fault on, by the admin endpoint; it stays until the next one. */
  readonly strike: (fault: Partial<Fault>) => Promise<void>;
  readonly read: (after?: string) => Promise<Reply>;
  /** The HTTP answer of the same read, its body not read yet. */
  readonly open: (signal?: AbortSignal) => Promise<Response>;
}

async function setUp(kind: FaultKind): Promise<Setup> {
  const simulator = await startSimulator({ members: 4000, rowCap: 1000, jobs: [{ name: "Job", size: 3000 }] });
  onTestFinished(() => simulator.close());
  const client = new XwebClient(simulator.url);
  await client.signOn();
  const key = simulator.state.jobs[0]?.key ?? "";
  return {
    simulator,
    client,
    strike: async (fault) => {
      const body = JSON.stringify({ faults: [{ kind, ...fault }] });
      expect((await fetch(`${simulator.url}/admin/faults`, { method: "POST", body })).status).toBe(200);
    },
    read: (after) => client.recipients({ key, columns, after }),
    open: (signal) =>
      client.fetch(
        "GetQuery",
        {
          szObjectName: "MessagingJobRecipient @TOP -1",
          szColumnList: columns,
          szWhereClause: `mjb_key = '${key}'`,
          szOrderBy: "cst_key",
        },
        signal,
      ),
  };
}

const keysOf = (reply: Reply) => reply.rows.map((row) => row.find(([name]) => name === "cst_key")?.[1] ?? "");
const isWellFormed = (text: string) => {
  try {
    parseReply(200, "", text);
    return true;
  } catch {
    return false;
  }
};
/** What arrives before the body breaks off or nothing comes any more. */
async function arrived(response: Response): Promise<{ bytes: number; error: unknown }> {
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    return { bytes, error: undefined };
  } catch (error) {
    return { bytes, error };
  }
}

/** One proof for each kind: a kind without one doesn't compile. */
const proofs: Readonly<Record<FaultKind, (setup: Setup) => Promise<void>>> = {
  truncate: async ({ open, strike, client, read }) => {
    const whole = (await read()).text;
    for (const afterBytes of [0, 1, 700, 70_000]) {
      await strike({ afterBytes });
      const text = await (await open()).text();
      expect(Buffer.byteLength(text)).toBe(afterBytes);
      expect(isWellFormed(text)).toBe(false);
      await strike({ times: 0 });
      await client.signOn();
    }
    await strike({ afterBytes: 10_000_000 });
    expect((await read()).text).toHaveLength(whole.length); // a limit past the end is none
  },
  reset: async ({ open, strike }) => {
    await strike({ afterBytes: 70_000 });
    const { bytes, error } = await open().then(arrived, (error: unknown) => ({ bytes: 0, error }));
    expect(error).toBeInstanceOf(TypeError);
    expect(bytes).toBeLessThanOrEqual(70_000);
  },
  stall: async ({ open, strike }) => {
    await strike({ afterBytes: 700 });
    const response = await open(AbortSignal.timeout(200));
    expect(response.status).toBe(200);
    const { bytes, error } = await arrived(response);
    expect(bytes).toBe(700);
    expect(error).toMatchObject({ name: "TimeoutError" });
  },
  black_hole: async ({ open, strike }) => {
    await strike({});
    await expect(open(AbortSignal.timeout(200))).rejects.toMatchObject({ name: "TimeoutError" });
  },
  drip: async ({ client, strike }) => {
    const whole = await client.call("TestConnection");
    await strike({ value: 2000 });
    const began = performance.now();
    const dripped = await client.call("TestConnection");
    // 200 bytes, then a tenth of a second's rest; timers may be a little early.
    const rests = Math.ceil(whole.text.length / 200);
    expect(performance.now() - began).toBeGreaterThan(rests * 95);
    expect(dripped.rows).toEqual(whole.rows);
    expect(dripped.text).toHaveLength(whole.text.length);
  },
  latency: async ({ client, strike }) => {
    await strike({ value: 150 });
    const began = performance.now();
    expect((await client.call("TestConnection")).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(145);
  },
  status: async ({ open, strike }) => {
    await strike({});
    expect((await open()).status).toBe(503);
    expect((await open()).headers.has("retry-after")).toBe(false);
    for (const value of [429, 502, 503, 504]) {
      await strike({ value, retryAfter: 7 });
      const response = await open();
      expect(response.status).toBe(value);
      expect(response.headers.get("retry-after")).toBe("7");
    }
  },
  redirect: async ({ open, strike }) => {
    await strike({});
    expect((await open()).headers.get("location")).toBe("http://192.0.2.1/");
    await strike({ text: "https://elsewhere.example/x" });
    const response = await open();
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("https://elsewhere.example/x");
  },
  html: async ({ open, strike }) => {
    await strike({});
    const response = await open();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(isWellFormed(await response.text())).toBe(false);
  },
  json: async ({ open, strike }) => {
    await strike({});
    const response = await open();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.json()).toEqual({ error: "no" });
  },
  empty: async ({ open, strike }) => {
    await strike({});
    const response = await open();
    expect([response.status, await response.text()]).toEqual([200, ""]);
  },
  content_type: async ({ read, strike }) => {
    expect((await read()).type).toBe("text/xml; charset=utf-8");
    await strike({});
    expect(await read()).toMatchObject({ type: "text/html", recordReturn: 1000 });
    await strike({ text: "application/octet-stream" });
    expect((await read()).type).toBe("application/octet-stream");
  },
  record_return: async ({ read, strike }) => {
    for (const [value, said] of [
      [1, 1001],
      [-1, 999],
      [undefined, undefined],
    ] as const) {
      await strike(value === undefined ? {} : { value });
      const { recordReturn, rows } = await read();
      expect([recordReturn, rows.length]).toEqual([said, 1000]);
    }
  },
  expired_token: async ({ client, read, strike }) => {
    await strike({ operation: "GetQuery", skip: 1, times: 1 });
    const first = await read();
    expect(first.rows).toHaveLength(1000);
    expect((await read(keysOf(first).at(-1))).fault).toMatch("Invalid Token Value");
    await client.signOn();
    expect((await read(keysOf(first).at(-1))).rows).toHaveLength(1000);
  },
  token_missing: async ({ read, strike }) => {
    await strike({});
    expect(await read()).toMatchObject({ token: undefined, recordReturn: 1000 });
  },
  token_unchanged: async ({ client, read, strike }) => {
    const { token } = client;
    await strike({});
    expect(await read()).toMatchObject({ token, recordReturn: 1000 });
    expect((await read()).fault).toMatch("Invalid Token Value"); // it was used up all the same
  },
  token_malformed: async ({ read, strike }) => {
    await strike({});
    expect((await read()).token).not.toMatch(guid);
  },
  missing_column: async ({ read, strike }) => {
    await strike({ text: "cst_eml_address_dn" });
    const { rows, recordReturn } = await read();
    expect(recordReturn).toBe(1000);
    for (const row of rows) expect(row.map(([name]) => name)).toEqual(["cst_key", "ind_last_name"]);
  },
  duplicate_row: async ({ read, strike }) => {
    const good = await read();
    await strike({});
    const { rows, recordReturn } = await read();
    expect(rows).toEqual([good.rows[0], ...good.rows]);
    expect(recordReturn).toBe(1001); // only the row is wrong, not the count
  },
  broken_order: async ({ read, strike }) => {
    await strike({});
    const first = await read();
    const second = await read(keysOf(first).at(-1));
    expect(keysOf(second)).toEqual(keysOf(first));
  },
  unordered: async ({ read, strike }) => {
    const good = await read();
    await strike({});
    const first = await read();
    const second = await read(keysOf(first).at(-1));
    expect(keysOf(first)).not.toEqual(keysOf(first).toSorted(compareKeys));
    expect(first.rows.length).toBe(good.rows.length);
    // Behind the last key stands less than the rest: whoever believes it loses people.
    expect(new Set([...keysOf(first), ...keysOf(second)]).size).toBeLessThan(2000);
  },
  bad_key: async ({ read, strike }) => {
    await strike({});
    const reply = await read();
    expect(reply.recordReturn).toBe(reply.rows.length);
    expect(keysOf(reply).filter((key) => !guid.test(key))).toEqual(["' OR '1'='1"]);
  },
  dtd: async ({ client, strike }) => {
    await strike({});
    const { text } = await client.call("TestConnection");
    expect(text).toMatch(/^<\?xml [^>]*\?><!DOCTYPE x \[<!ENTITY /);
    await strike({});
    expect((await client.signOn()).text).toContain("<!DOCTYPE");
  },
  namespace: async ({ read, strike }) => {
    expect((await read()).responseNamespace).toBe("http://www.avectra.com/OnDemand/2005/");
    await strike({});
    expect((await read()).responseNamespace).toBe("http://example.org/other");
  },
  soap12: async ({ read, strike }) => {
    expect((await read()).envelopeNamespace).toBe("http://schemas.xmlsoap.org/soap/envelope/");
    await strike({});
    expect((await read()).envelopeNamespace).toBe("http://www.w3.org/2003/05/soap-envelope");
  },
  fault: async ({ read, strike }) => {
    await strike({ text: "Timeout expired & gave up <soon>" });
    const reply = await read();
    expect(reply.status).toBe(500);
    expect(reply.fault).toMatch(/SoapException: Timeout expired & gave up <soon>\n {3}at /);
  },
  fault_with_200: async ({ read, strike }) => {
    await strike({ text: "Timeout expired" });
    expect(await read()).toMatchObject({ status: 200, fault: expect.stringContaining("Timeout expired"), rows: [] });
  },
  credentials: async ({ client, strike, read }) => {
    await strike({});
    const refused = await client.signOn();
    expect([refused.status, refused.fault]).toEqual([500, expect.stringContaining("Invalid Credentials Supplied")]);
    expect((await read()).status).toBe(200); // who is signed in stays so
  },
  bad_utf8: async ({ open, strike }) => {
    await strike({});
    const bytes = await (await open()).arrayBuffer();
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow(TypeError);
  },
  giant_text: async ({ read, strike }) => {
    await strike({});
    const { rows, recordReturn } = await read();
    expect(recordReturn).toBe(rows.length);
    const longest = Math.max(...rows.flat().map(([, value]) => value.length));
    expect(longest).toBeGreaterThan(1024 * 1024);
  },
  deep: async ({ read, strike }) => {
    expect((await read()).depth).toBe(7);
    await strike({});
    expect((await read()).depth).toBeGreaterThan(64);
  },
  control_character: async ({ open, strike }) => {
    await strike({});
    const text = await (await open()).text();
    expect(text).toContain("&#0;");
    expect(isWellFormed(text)).toBe(false);
    expect(isWellFormed(text.replaceAll("&#0;", "0"))).toBe(true);
  },
  repeated_element: async ({ read, strike }) => {
    const good = await read();
    await strike({});
    const { rows, recordReturn } = await read();
    expect(recordReturn).toBe(rows.length);
    expect(rows).toEqual(good.rows.map((row) => [["cst_key", ""], ...row, ["cst_key", "again"]]));
  },
};

for (const [kind, prove] of Object.entries(proofs)) {
  test(`a fault does what it says, and leaves no trace: ${kind}`, async () => {
    const setup = await setUp(kind as FaultKind); // as: the keys of a Record of them
    const good = await setup.read();
    expect(good.rows).toHaveLength(1000);
    await prove(setup);
    await fetch(`${setup.simulator.url}/admin/faults`, { method: "DELETE" });
    await setup.client.signOn();
    expect((await setup.read()).rows).toEqual(good.rows);
  });
}

test("a fault strikes so many calls, after so many, of one operation", async () => {
  const { client, strike, read } = await setUp("fault");
  await strike({ operation: "GetQuery", skip: 2, times: 1 });
  const faults: boolean[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    expect((await client.call("TestConnection")).fault).toBeUndefined();
    const { fault } = await read();
    faults.push(fault !== undefined);
    if (fault !== undefined) await client.signOn();
  }
  expect(faults).toEqual([false, false, true, false, false]);
});
