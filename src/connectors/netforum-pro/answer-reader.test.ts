import { describe, expect, test } from "vitest";
import { hasRecorded, recorded } from "../../../test/harness/recorded.ts";
import { AmsError } from "../connector.ts";
import { type Answer, AnswerReader, type Expectation } from "./answer-reader.ts";
import { type Bounds, defaultBounds } from "./bounds.ts";

const onDemand = "http://www.avectra.com/OnDemand/2005/";
const token = "c86920d2-75d5-46f2-b347-5989fc3d17eb";
const query: Expectation = { namespace: onDemand, operation: "GetQuery", columns: ["cst_key", "name"] };

interface Parts {
  readonly declaration?: string;
  readonly header?: string;
  readonly result?: string;
}

const header = (...tokens: string[]) =>
  `<s:Header><AuthorizationToken xmlns="${onDemand}">${tokens.map((text) => `<Token>${text}</Token>`).join("")}</AuthorizationToken></s:Header>`;

/** A whole answer to `query`, with some of its parts replaced. */
function answerWith({ declaration = '<?xml version="1.0" encoding="utf-8"?>', ...parts }: Parts): string {
  const result = parts.result ?? '<Results recordReturn="0" />';
  return `${declaration}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${parts.header ?? header(token)}<s:Body><GetQueryResponse xmlns="${onDemand}"><GetQueryResult>${result}</GetQueryResult></GetQueryResponse></s:Body></s:Envelope>`;
}

const list = (count: number, rows: string) => `<Results recordReturn="${count}">${rows}</Results>`;

interface Read {
  readonly answer: Answer;
  readonly rows: readonly string[][];
}

function read(input: string | Uint8Array, chunk = 65_536, expected = query, bounds: Partial<Bounds> = {}): Read {
  const bytes = typeof input === "string" ? Buffer.from(input) : input;
  const rows: string[][] = [];
  const reader = new AnswerReader(expected, { ...defaultBounds, ...bounds }, (cells) => rows.push(cells));
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  return { answer: reader.end(), rows };
}

/** The refusal's kind and reason; undefined when the answer is taken. Anything else that is thrown fails the test. */
function refusal(...input: Parameters<typeof read>): string | undefined {
  try {
    read(...input);
    return undefined;
  } catch (error) {
    if (error instanceof AmsError) return `${error.kind}: ${error.detail}`;
    throw error;
  }
}

test("an answer split anywhere is the same answer", () => {
  const rows = list(
    2,
    "<Result><cst_key>a</cst_key>\r\n<name>Zoë &amp; 山 &#x1F600;😀\r\nline<![CDATA[ ]]]]><![CDATA[>]]></name></Result>" +
      "<Result ><cst_key/><name>b</name><name>twice</name></Result>",
  );
  const bytes = Buffer.from(answerWith({ result: rows }));
  const whole = read(bytes);
  expect(whole.rows).toEqual([
    ["a", "Zoë & 山 😀😀\nline ]]>"],
    ["", "b"],
  ]);
  for (let at = 1; at < bytes.length; at += 1) {
    const cut: string[][] = [];
    const reader = new AnswerReader(query, defaultBounds, (cells) => cut.push(cells));
    reader.write(bytes.subarray(0, at));
    reader.write(bytes.subarray(at));
    expect({ answer: reader.end(), rows: cut }).toEqual(whole);
  }
});

test.each([
  ["1.1", '<?xml version="1.1" encoding="utf-8"?>'],
  ["1.2", '<?xml version="1.2"?>'],
  ["2.0", '<?xml version="2.0"?>'],
])("an answer in XML %s is refused: its control characters could look like ours between cells", (_, declaration) => {
  const result = list(1, "<Result><cst_key>a&#x1f;b&#x1e;c</cst_key></Result>");
  expect(refusal(answerWith({ declaration, result }))).toMatch(/^incomplete: .*(in XML 1\.|version number)/);
  expect(refusal(answerWith({ declaration }))).toMatch(/^incomplete/);
  expect(refusal(answerWith({ result }))).toMatch(/^incomplete/);
});

test("an answer without an XML declaration is one in XML 1.0 and UTF-8", () => {
  expect(read(answerWith({ declaration: "" })).answer.token).toBe(token);
});

test.each([
  ["a text", "Timeout expired"],
  ["an element of another kind", "<Error>Timeout expired</Error>"],
  ["a list that doesn't say how many", "<Results userName='x' />"],
  ["a list of rows that doesn't say how many", "<Results><Result><cst_key>a</cst_key></Result></Results>"],
  ["two lists", list(1, "<Result><cst_key>a</cst_key></Result>") + list(1, "")],
  ["a count that is no number", "<Results recordReturn='all' />"],
  ["a count below nothing", "<Results recordReturn='-1' />"],
  ["a count past all numbers", "<Results recordReturn='1000000000' />"],
])("1.2 a result that is %s doesn't mean nobody", (_, result) => {
  expect(refusal(answerWith({ result }))).toMatch(/^incomplete/);
});

test.each([
  ["no result element", answerWith({}).replace(/<GetQueryResult>.*<\/GetQueryResult>/, "")],
  ["an empty result element", answerWith({ result: "" })],
  ["white space", answerWith({ result: "\n   " })],
  ["a list that says 0", answerWith({})],
])("nobody is said by %s", (_, text) => {
  expect(read(text)).toMatchObject({ rows: [], answer: { rows: 0, text: "", fault: null, token } });
});

test.each([
  ["one", header(token), token],
  ["white space around it", header(`\n ${token} `), token],
  ["none", "", null],
  ["an empty header", "<s:Header/>", null],
  ["an empty element", "<s:Header><AuthorizationToken/></s:Header>", null],
  ["an empty one", header(""), null],
  ["no GUID", header("not-a-guid"), "not-a-guid"],
  // Two are neither of them: what they make together is no GUID, so the next call signs in anew.
  ["two", header(token, token), token + token],
])("the header's token: %s", (_, text, expected) => {
  expect(read(answerWith({ header: text })).answer.token).toBe(expected);
});

test("what stands in the header is not the answer", () => {
  const rows = `<s:Header><a><b><c recordReturn="1"><Result><cst_key>x</cst_key></Result></c></b></a></s:Header>`;
  expect(read(answerWith({ header: rows }))).toMatchObject({ rows: [], answer: { rows: 0 } });
});

test("a text in pieces is bounded like a text in one piece", () => {
  const bounds = { text: 1000 };
  const pieces = (count: number) => `${"x".repeat(100)}<!-- -->`.repeat(count);
  const cell = (text: string) => answerWith({ result: list(1, `<Result><name>${text}</name></Result>`) });
  const fault = (text: string) =>
    answerWith({}).replace(
      /<s:Body>.*<\/s:Body>/,
      `<s:Body><s:Fault><faultstring>${text}</faultstring></s:Fault></s:Body>`,
    );
  for (const make of [cell, fault, (text: string) => answerWith({ header: header(text) })]) {
    expect(refusal(make(pieces(10)), 64, query, bounds)).toBeUndefined();
    expect(refusal(make(pieces(11)), 64, query, bounds)).toMatch(/^limit: .*longer than 1000/);
  }
  expect(refusal(answerWith({ result: pieces(11) }), 64, query, bounds)).toMatch(/^limit/);
});

test("a text of exactly the bound passes, one character more does not", () => {
  const cell = (length: number) =>
    answerWith({ result: list(1, `<Result><name>${"x".repeat(length)}</name></Result>`) });
  for (const chunk of [7, 4096, 1_000_000]) {
    expect(refusal(cell(1024 ** 2), chunk)).toBeUndefined();
    expect(refusal(cell(1024 ** 2 + 1), chunk)).toMatch(/^limit/);
  }
});

test("64 levels pass, 65 don't", () => {
  const nested = (levels: number) =>
    answerWith({
      result: list(1, `<Result><name>${"<b>".repeat(levels - 7)}${"</b>".repeat(levels - 7)}</name></Result>`),
    });
  expect(refusal(nested(64))).toBeUndefined();
  expect(refusal(nested(65))).toMatch(/^limit: .*deeper than 64/);
});

test("as many bytes as allowed pass, one more doesn't", () => {
  const bytes = Buffer.from(answerWith({}));
  expect(refusal(bytes, 7, query, { bytes: bytes.length })).toBeUndefined();
  expect(refusal(bytes, 7, query, { bytes: bytes.length - 1 })).toMatch(/^limit: .*larger than/);
});

test("a million spaces between rows, and rows of 5,000 columns, are read like others", () => {
  const columns = Array.from({ length: 5000 }, (_, at) => `<c${at}>x</c${at}>`).join("");
  const row = `<Result>${columns}<cst_key>a</cst_key><name>n</name></Result>`;
  const { rows, answer } = read(answerWith({ result: list(3, `${" ".repeat(400_000)}${row}`.repeat(3)) }));
  expect(rows).toEqual(Array(3).fill(["a", "n"]));
  expect(answer.text).toBe("");
});

test("100,000 empty rows are 100,000 rows with nothing in them", () => {
  const { answer } = read(answerWith({ result: list(100_000, "<Result/>".repeat(100_000)) }));
  expect(answer).toMatchObject({ rows: 100_000, lacking: ["cst_key", "name"] });
});

test("names that every object has are names like others", () => {
  const expected = { ...query, columns: ["constructor", "__proto__", "toString"] };
  const result = list(1, "<Result><toString>c</toString><constructor>a</constructor><__proto__>b</__proto__></Result>");
  expect(read(answerWith({ result }), 7, expected).rows).toEqual([["a", "b", "c"]]);
  const fault = "<s:Body><s:Fault><__proto__>x</__proto__><constructor>y</constructor></s:Fault></s:Body>";
  expect(read(answerWith({}).replace(/<s:Body>.*<\/s:Body>/, fault)).answer.fault).toEqual({ code: "", message: "" });
});

test("a fault after rows is a fault", () => {
  const result = list(1, "<Result><cst_key>a</cst_key></Result>");
  const both = answerWith({ result }).replace("</s:Body>", "<s:Fault><faultstring>no</faultstring></s:Fault></s:Body>");
  expect(read(both).answer.fault).toMatchObject({ message: "no" });
});

/** Random numbers from a seed (mulberry32): a failure can be had again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

/** One to three damages: bytes flipped, dropped, put in, copied or changed places. */
function mutate(bytes: Buffer, below: (limit: number) => number): Buffer {
  let damaged = bytes;
  for (let count = 1 + below(3); count > 0; count -= 1) {
    const at = below(damaged.length);
    const to = Math.min(damaged.length, at + 1 + below(below(8) === 0 ? 400 : 4));
    const [before, piece, behind] = [damaged.subarray(0, at), damaged.subarray(at, to), damaged.subarray(to)];
    const flipped = Buffer.from(piece.map((byte) => byte ^ (1 << below(8))));
    const other = Buffer.from("<>&\"'/=! ;#0\0\x1f\x7f\xff\xc3-]?"[below(20)] ?? "", "latin1");
    const made = [[flipped], [], [other, piece], [piece, piece], [behind.subarray(0, 1), piece]][below(5)] ?? [];
    damaged = Buffer.concat([before, ...made, behind]);
  }
  return damaged;
}

const recordings: readonly (readonly [string, Expectation])[] = [
  ["authenticate_success", { namespace: "http://tempuri.org/", operation: "Authenticate", columns: [] }],
  ["authenticate_failure", { namespace: "http://tempuri.org/", operation: "Authenticate", columns: [] }],
  ["get_customer_by_key_success", { namespace: onDemand, operation: "GetCustomerByKey", columns: ["cst_key"] }],
  [
    "get_active_product_list_by_individual_success1",
    { namespace: onDemand, operation: "GetActiveProductListByIndividual", columns: ["cst_key", "prd_key"] },
  ],
];

describe.skipIf(!hasRecorded)("recorded answers, damaged", () => {
  test.each(recordings)(
    "1.2 5,000 damaged copies of %s are refused, or hold the rows that they say",
    (name, expected) => {
      const bytes = recorded(name);
      const below = seeded(name.length);
      let taken = 0;
      for (let turn = 0; turn < 5000; turn += 1) {
        const damaged = mutate(bytes, below);
        const reason = refusal(damaged, 4096, expected);
        if (reason !== undefined) continue;
        taken += 1;
        const { rows, answer } = read(damaged, 7, expected); // in other chunks, it is taken as well
        expect(answer.rows).toBe(expected.columns.length > 0 ? rows.length : answer.rows);
        const declared = /recordReturn\s*=\s*["'](\d+)/.exec(damaged.toString())?.[1];
        if (rows.length > 0 || declared !== undefined) expect(rows.length, damaged.toString()).toBe(Number(declared));
      }
      expect(taken).toBeGreaterThan(50); // else the damages were too coarse to mean anything
    },
  );
});
