import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { compareKeys, keyOf } from "./guid.ts";
import { columns } from "./people.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
import { parseReply, XwebClient } from "./xweb-client.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const some = "cst_key,cst_eml_address_dn,cst_no_email_flag,ind_first_name,ind_title,org_name";

afterEach(() => vi.useRealTimers());

async function start(options: SimulatorOptions = {}): Promise<{ simulator: Simulator; client: XwebClient }> {
  const simulator = await startSimulator({ members: 5000, ...options });
  onTestFinished(() => simulator.close());
  const client = new XwebClient(simulator.url);
  await client.signOn();
  return { simulator, client };
}

const keyOfJob = (simulator: Simulator, name: string) =>
  simulator.state.jobs.find((job) => job.name === name)?.key ?? "";

async function admin(simulator: Simulator, path: string, body: unknown): Promise<Response> {
  return fetch(`${simulator.url}/admin/${path}`, { method: "POST", body: JSON.stringify(body) });
}

test.each([1, 7, 300, 1199, 1200, undefined])(
  "paging by key returns every row once with a row cap of %s",
  async (cap) => {
    const size = cap === 1 ? 60 : 1200;
    const job = { name: "Job", size };
    const { simulator, client } = await start({ jobs: [job], ...(cap === undefined ? {} : { rowCap: cap }) });
    const keys = (await client.readAll(keyOfJob(simulator, "Job"), "cst_key")).map(([key = ""]) => key);
    const whole = await start({ jobs: [job] });
    const all = await whole.client.recipients({ key: keyOfJob(whole.simulator, "Job"), columns: "cst_key" });
    expect(keys).toHaveLength(size);
    expect(new Set(keys).size).toBe(size);
    expect(keys).toEqual([...keys].sort(compareKeys));
    expect(keys).toEqual(all.rows.map(([cell]) => cell?.[1]));
  },
);

test("@TOP limits the rows, and recordReturn says how many there are", async () => {
  const { simulator, client } = await start({ rowCap: 40, jobs: [{ name: "Job", size: 500 }] });
  for (const [top, rows] of [
    [10, 10],
    [40, 40],
    [41, 40],
    [-1, 40],
  ] as const) {
    const page = await client.recipients({ key: keyOfJob(simulator, "Job"), columns: some, top });
    expect(page.rows).toHaveLength(rows);
    expect(page.recordReturn).toBe(rows);
  }
});

test("the list of jobs is in key order, with names as they were given", async () => {
  const { simulator, client } = await start();
  const { rows, recordReturn } = await client.jobs();
  expect(recordReturn).toBe(13);
  expect(rows.map((row) => row[1]?.[1]).sort()).toEqual(simulator.state.jobs.map((job) => job.name).sort());
  const keys = rows.map((row) => row[0]?.[1] ?? "");
  expect(keys).toEqual([...keys].sort(compareKeys));
  expect(keys.every((key) => guid.test(key))).toBe(true);
});

test("the same seed gives the same people, another seed others", async () => {
  const read = async (seed: number) => {
    const { simulator, client } = await start({ seed });
    return client.readAll(keyOfJob(simulator, "Students"), some);
  };
  const [first, again, other] = [await read(1), await read(1), await read(2)];
  expect(first).toHaveLength(750);
  expect(again).toEqual(first);
  const keys = new Set(first.map(([key]) => key));
  expect(other.some(([key]) => keys.has(key))).toBe(false);
});

test.each([
  ["Some", 6000],
  ["Everybody", 20_000],
])("a day's drift changes a small part of a job: %s", async (name, size) => {
  const { simulator, client } = await start({ members: 20_000, jobs: [{ name, size }] });
  const read = async () => new Map((await client.readAll(keyOfJob(simulator, name), some)).map((row) => [row[0], row]));
  const before = await read();
  expect((await admin(simulator, "day", { advance: 1 })).status).toBe(200);
  const after = await read();
  const gone = [...before.keys()].filter((key) => !after.has(key)).length;
  const come = [...after.keys()].filter((key) => !before.has(key)).length;
  expect((gone + come) / before.size).toBeGreaterThan(0.001);
  expect((gone + come) / before.size).toBeLessThan(0.015);
  const both = [...before].filter(([key]) => after.has(key));
  const changed = both.filter(([key, row]) => row.join("|") !== after.get(key)?.join("|")).length;
  expect(changed / both.length).toBeGreaterThan(0.005);
  expect(changed / both.length).toBeLessThan(0.015);
  await admin(simulator, "day", { day: 0 });
  expect(await read()).toEqual(before);
});

test("a token is good for one call, and each answer brings the next", async () => {
  const { client } = await start();
  const first = client.token;
  const { token: second = "" } = await client.call("TestConnection");
  expect(second).toMatch(guid);
  expect(second).not.toBe(first);
  client.token = first;
  const refused = await client.call("TestConnection");
  expect(refused.status).toBe(500);
  expect(refused.fault).toMatch(/^System\.Web\.\S+SoapException: Invalid Token Value\n {3}at Avectra\./);
  expect(refused.token).toBeUndefined();
  client.token = second;
  expect((await client.call("TestConnection")).status).toBe(200);
});

test("a refused call voids the session's token", async () => {
  const { simulator, client } = await start();
  const key = keyOfJob(simulator, "Students");
  expect((await client.recipients({ key, columns: "cst_key,cst_nickname" })).fault).toMatch("'cst_nickname'");
  expect((await client.call("TestConnection")).fault).toMatch("Invalid Token Value");
});

test("several sessions at once don't disturb each other", async () => {
  const { simulator, client } = await start();
  const other = new XwebClient(simulator.url);
  await other.signOn();
  for (const one of [client, other, other, client]) expect((await one.call("TestConnection")).status).toBe(200);
});

test("a token expires, and every call prolongs the session", async () => {
  const began = new Date("2026-03-01T10:00:00Z").getTime();
  vi.setSystemTime(began);
  const { client } = await start({ tokenLifetimeMs: 60_000 });
  const callAfter = (milliseconds: number) => {
    vi.setSystemTime(Date.now() + milliseconds);
    return client.call("TestConnection");
  };
  for (let turn = 0; turn < 3; turn += 1) expect((await callAfter(59_999)).status).toBe(200);
  expect((await callAfter(60_000)).fault).toMatch("Invalid Token Value");
});

test("25 wrong passwords lock the account, 24 don't", async () => {
  const { simulator, client } = await start();
  const fail = async (times: number) => {
    for (let turn = 0; turn < times; turn += 1)
      expect((await client.signOn("lockstep", "wrong")).fault).toMatch("Invalid Credentials Supplied");
  };
  for (let turn = 0; turn < 2; turn += 1) {
    await fail(24);
    expect((await client.signOn()).fault).toBeUndefined(); // and a good one starts the count anew
  }
  await fail(25);
  expect((await client.signOn()).fault).toMatch(/Invalid Credentials Supplied.*locked/);
  expect(simulator.state.sessions.signOns).toBe(3);
});

test("OnDemand's own Authenticate has the token in its header and the namespace in its body", async () => {
  const { client } = await start();
  const reply = await client.call("Authenticate", { userName: "lockstep", password: "demo" });
  expect(reply.token).toMatch(guid);
  expect(reply.resultText).toBe("http://www.avectra.com/OnDemand/2005/");
  expect((await client.call("TestConnection")).status).toBe(200);
});

test.each([
  ["cst_nickname", "Invalid column name 'cst_nickname'"],
  ["constructor", "Invalid column name 'constructor'"],
  ["a&amp;b&lt;c", "Invalid column name 'a&b<c'"],
  ["", "Invalid column list ''"],
])("an unknown column is a fault that names it: %s", async (column, message) => {
  const { simulator, client } = await start();
  const columns = column === "" ? "" : `cst_key,${column}`;
  const reply = await client.recipients({ key: keyOfJob(simulator, "Students"), columns });
  expect(reply.status).toBe(500);
  expect(reply.fault).toContain(message);
});

test("an unknown object or operation is a fault", async () => {
  const { client } = await start();
  expect((await client.call("GetQuery", { szObjectName: "Invoice", szColumnList: "a" })).fault).toMatch("'invoice'");
  await client.signOn();
  expect((await client.call("GetEverything")).fault).toMatch(/did not recognize.*GetEverything/);
});

test("Do Not Email that was set is seen by the next read and by the log", async () => {
  const { simulator, client } = await start();
  const key = keyOfJob(simulator, "Students");
  const flags = async () => new Map((await client.readAll(key, "cst_key,cst_no_email_flag")).map(([k, v]) => [k, v]));
  const before = await flags();
  const [person = ""] = [...before].find(([, flag]) => flag === "0") ?? [];
  const set = (flag: string, who = person) =>
    client.call("SetIndividualInformation", {
      IndividualKey: who,
      oUpdateNode: `<IndividualObjects><IndividualObject><cst_no_email_flag>${flag}</cst_no_email_flag></IndividualObject></IndividualObjects>`,
    });
  expect((await set("1")).status).toBe(200);
  expect(await flags()).toEqual(new Map([...before, [person, "1"]]));
  expect((await set("0", person.toUpperCase())).status).toBe(200);
  expect(await flags()).toEqual(before);
  expect(await (await fetch(`${simulator.url}/admin`)).json()).toMatchObject({
    doNotEmail: [
      { key: person, flag: "1" },
      { key: person, flag: "0" },
    ],
  });
  expect((await set("1", keyOf(5000, 1))).fault).toMatch("was not found"); // one past the last person
});

test("a person and a job can be changed by hand", async () => {
  const { simulator, client } = await start();
  const key = keyOfJob(simulator, "Students");
  const person = (await client.recipients({ key, columns: "cst_key" })).rows[0]?.[0]?.[1] ?? "";
  await admin(simulator, "people", { key: person, values: { ind_first_name: "<b>&\"'\r\n]]>", org_name: "محمد" } });
  expect((await client.recipients({ key, columns: some, top: 1 })).rows[0]?.slice(3)).toEqual([
    ["ind_first_name", "<b>&\"'\r\n]]>"],
    ["ind_title", "Manager 0"],
    ["org_name", "محمد"],
  ]);
  expect((await admin(simulator, "people", { key: keyOf(5000, 1), values: {} })).status).toBe(500);
  await admin(simulator, "jobs", { add: { name: "A & B", size: 9000 }, remove: "Fellows" });
  await admin(simulator, "jobs", { rename: { from: "Students", to: "Alumni" }, resize: { name: "Alumni", size: 20 } });
  const names = (await client.jobs()).rows.map((row) => row[1]?.[1]);
  expect(names).toEqual(expect.arrayContaining(["A & B", "Alumni"]));
  expect(names).not.toContain("Fellows");
  expect(await client.readAll(key, "cst_key")).toHaveLength(20);
  expect(await client.readAll(keyOfJob(simulator, "A & B"), "cst_key")).toHaveLength(5000);
});

test("no rows comes in three shapes", async () => {
  const { simulator, client } = await start();
  const empty = await client.recipients({ key: keyOfJob(simulator, "Test list (empty)"), columns: some });
  expect(empty).toMatchObject({ result: "filled", recordReturn: 0, rows: [], fault: undefined });
  const gone = await client.recipients({ key: keyOf(999, 1), columns: some });
  expect(gone).toMatchObject({ result: "filled", recordReturn: 0, rows: [], fault: undefined });
  const nobody = await client.call("GetCustomerByKey", { szCstKey: keyOf(5000, 1) });
  expect(nobody).toMatchObject({ result: "missing", rows: [], fault: undefined, status: 200 });
  const none = await client.call("GetIndividualChangesByDate", { szStartDate: "1/1/2026" });
  expect(none).toMatchObject({ result: "empty", rows: [], fault: undefined, status: 200 });
});

test("every answer is well-formed, and a person has the addresses that members have", async () => {
  const { simulator, client } = await start({ jobs: [{ name: "Everybody", size: 5000 }] });
  const names = Object.keys(columns);
  const rows = await client.readAll(keyOfJob(simulator, "Everybody"), names.join(","));
  const column = (name: string) => rows.map((row) => row[names.indexOf(name)] ?? "");
  const emails = column("cst_eml_address_dn");
  const folded = emails.filter((email) => email !== "").map((email) => email.toLowerCase());
  expect(emails.filter((email) => email === "").length / 5000).toBeCloseTo(0.02, 2);
  expect(emails.some((email) => email.includes("@@"))).toBe(true);
  expect(emails.some((email) => /^[^@]*[^\x20-\x7e][^@]*@/.test(email))).toBe(true);
  expect(emails.some((email) => email.endsWith("@müller.example"))).toBe(true);
  expect(folded.length - new Set(folded).size).toBeGreaterThan(20);
  expect(column("cst_no_email_flag").filter((flag) => flag === "1").length / 5000).toBeCloseTo(0.03, 2);
  expect(new Set(column("ind_last_name"))).toContain("Smith & Wesson");
  expect(new Set(column("org_name"))).toContain("Northwind <Labs>");
  expect(new Set(column("ind_first_name"))).toContain("محمد");
  expect(column("mbr_join_date")[0]).toMatch(/^\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d [AP]M$/);
  const person = await client.call("GetCustomerByKey", { szCstKey: `{${keyOf(7, 1).toUpperCase()}}` });
  expect(person.rows[0]?.[0]).toEqual(["cst_key", keyOf(7, 1)]);
  expect((await client.call("NewHistoricalActivity", { cst_key: keyOf(7, 1), activity_text: "told" })).status).toBe(
    200,
  );
  const schema = await client.call("GetFacadeXMLSchema", { szObjectName: "Individual" });
  for (const name of [...names, "ind_dob", "ind_ssn"]) expect(schema.text).toContain(`name="${name}" type="xs:`);
  expect(names.length).toBeGreaterThanOrEqual(25);
});

test("each service has its description, at any spelling of its path", async () => {
  const { simulator } = await start();
  for (const path of ["/xWeb/Signon.asmx?WSDL", "/XWEB/signon.asmx?wsdl", "/xweb/netFORUMXMLONDemand.asmx?WSDL"]) {
    const response = await fetch(`${simulator.url}${path}`);
    const text = await response.text();
    expect(parseReply(response.status, "", text).envelopeNamespace).toBe("http://schemas.xmlsoap.org/wsdl/");
    expect(text).toContain('<wsdl:operation name="Authenticate">');
    expect(text.includes('<wsdl:operation name="GetQuery">')).toBe(path.includes("Demand"));
  }
  expect((await fetch(`${simulator.url}/xweb/Other.asmx`)).status).toBe(404);
});
