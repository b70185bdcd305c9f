import fc from "fast-check";
import { expect, test } from "vitest";
import { illFormedDocuments } from "../../../test/harness/ill-formed.ts";
import { naughtyStrings } from "../../../test/harness/naughty-strings.ts";
import { AmsError } from "../connector.ts";
import { AnswerReader } from "./answer-reader.ts";
import { type Bounds, defaultBounds } from "./bounds.ts";
import { escapeXml } from "./soap.ts";

const onDemand = "http://www.avectra.com/OnDemand/2005/";
const expected = { namespace: onDemand, operation: "GetQuery", columns: ["cst_key", "name"] };
const token = "c86920d2-75d5-46f2-b347-5989fc3d17eb";

/** A whole answer around the rows' XML. */
function answerOf(rows: string, count: number, head = '<?xml version="1.0" encoding="utf-8"?>'): string {
  return `${head}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><AuthorizationToken xmlns="${onDemand}"><Token>${token}</Token></AuthorizationToken></soap:Header><soap:Body><GetQueryResponse xmlns="${onDemand}"><GetQueryResult><Results recordReturn="${count}">${rows}</Results></GetQueryResult></GetQueryResponse></soap:Body></soap:Envelope>`;
}

const row = (key: string, name: string) => `<Result><cst_key>${key}</cst_key><name>${name}</name></Result>`;
const good = answerOf(row("a", "Ana") + row("b", "Zoë &amp; Čapek") + row("c", "<![CDATA[x<y]]>"), 3);

function read(input: string | Uint8Array, bounds: Partial<Bounds> = {}, chunk = 4096): string[][] {
  const bytes = typeof input === "string" ? Buffer.from(input) : input;
  const rows: string[][] = [];
  const reader = new AnswerReader(expected, { ...defaultBounds, ...bounds }, (cells) => rows.push(cells));
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  const answer = reader.end();
  if (answer.fault) throw new AmsError("refused", answer.fault.message);
  expect(answer.rows).toBe(rows.length);
  return rows;
}

/** What becomes of it: rows, or the kind of the refusal. Anything else thrown fails the test. */
function outcomeOf(input: string | Uint8Array, bounds?: Partial<Bounds>, chunk?: number): string[][] | string {
  try {
    return read(input, bounds, chunk);
  } catch (error) {
    if (error instanceof AmsError) return error.kind;
    throw error;
  }
}

test("a good answer is read, whatever its chunks", () => {
  const rows = [
    ["a", "Ana"],
    ["b", "Zoë & Čapek"],
    ["c", "x<y"],
  ];
  for (const chunk of [1, 2, 3, 7, 4096]) expect(read(good, {}, chunk)).toEqual(rows);
});

const bytesOf = (text: string, encoding: BufferEncoding) => Buffer.from(text, encoding);
const refused: readonly (readonly [string, string | Uint8Array, Partial<Bounds>?])[] = [
  ["nothing", ""],
  ["white space", " \n "],
  ["UTF-16", bytesOf(`\ufeff${good}`, "utf16le")],
  ["Latin-1 that says it is UTF-8", bytesOf(good, "latin1")],
  [
    "Latin-1 that says so",
    bytesOf(answerOf(row("a", "é"), 1, '<?xml version="1.0" encoding="iso-8859-1"?>'), "latin1"),
  ],
  [
    "invalid UTF-8 in a name",
    Buffer.concat([bytesOf(good.slice(0, 500), "utf8"), Buffer.from([0xc3, 0x28]), bytesOf(good.slice(500), "utf8")]),
  ],
  ["a NUL", answerOf(row("a", "x\0y"), 1)],
  ["a control character", answerOf(row("a", "x\u0001y"), 1)],
  ["a reference to NUL", answerOf(row("a", "&#0;"), 1)],
  ["a reference to half a character", answerOf(row("a", "&#xD800;"), 1)],
  ["a reference past Unicode", answerOf(row("a", "&#x110000;"), 1)],
  ["an entity that nobody declared", answerOf(row("a", "&nbsp;"), 1)],
  ["text after the root", `${good}and more`],
  ["two roots", good + good.replace(/^<\?xml[^>]*>/, "")],
  ["an HTML page", "<!DOCTYPE html><html><body>Server Error</body></html>"],
  ["an HTML page without DOCTYPE", "<html><body>Server Error</body></html>"],
  ["JSON", '{"error":"no"}'],
  ["a DOCTYPE", good.replace("<soap:Envelope", "<!DOCTYPE x><soap:Envelope")],
  ["an internal entity", good.replace("<soap:Envelope", '<!DOCTYPE x [<!ENTITY a "b">]><soap:Envelope')],
  ["an external entity", good.replace("<soap:Envelope", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><soap:Envelope')],
  [
    "a parameter entity",
    good.replace("<soap:Envelope", '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://x/">%a;]><soap:Envelope'),
  ],
  ["SOAP 1.2", good.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")],
  ["another namespace of the answer", good.replaceAll(onDemand, "http://tempuri.org/")],
  ["another operation's answer", good.replaceAll("GetQueryResponse", "GetListResponse")],
  ["an empty body", good.replace(/<soap:Body>.*<\/soap:Body>/, "<soap:Body/>")],
  ["a row more than it says", answerOf(row("a", "x"), 0)],
  ["a row less than it says", answerOf(row("a", "x"), 2)],
  ["no count", good.replace(' recordReturn="3"', "")],
  ["a count that is no number", good.replace('recordReturn="3"', 'recordReturn="3x"')],
  [
    "a fault with status 200",
    good.replace(
      /<soap:Body>.*<\/soap:Body>/,
      "<soap:Body><soap:Fault><faultstring>no</faultstring></soap:Fault></soap:Body>",
    ),
  ],
  ["a text that is too long", answerOf(row("a", "x".repeat(1001)), 1), { text: 1000 }],
  ["an attribute that is too long", answerOf(`<Result a="${"x".repeat(20_000)}">${"y"}</Result>`, 1), { text: 1000 }],
  ["65 levels", answerOf(`<Result><name>${"<b>".repeat(60)}x${"</b>".repeat(60)}</name></Result>`, 1)],
  [
    "10,000 attributes",
    good.replace(
      "<GetQueryResult",
      `<GetQueryResult ${Array.from({ length: 10_000 }, (_, at) => `a${at}=""`).join(" ")}`,
    ),
  ],
  ["more bytes than allowed", good, { bytes: 200 }],
];

test.for(refused)("1.2 refused: %s", ([, input, bounds]) => {
  for (const chunk of [1, 7, 4096]) expect(outcomeOf(input, bounds, chunk)).toBeTypeOf("string");
});

test("an unlucky prefix of names is still the same SOAP", () => {
  expect(read(good.replaceAll("soap:", "s:").replace("xmlns:soap", "xmlns:s"))).toHaveLength(3);
  expect(read(`\ufeff${good}`)).toHaveLength(3); // a byte order mark says nothing
});

const illFormed = illFormedDocuments();

test("the W3C's ill-formed documents are refused as they are", () => {
  expect(illFormed.length).toBeGreaterThan(800);
  for (const { id, bytes } of illFormed) expect(outcomeOf(bytes), id).toBeTypeOf("string");
});

test("the W3C's ill-formed documents are refused inside a row too, but for those that are wrong only as documents", () => {
  const accepted = illFormed.filter(({ bytes }) => {
    const [before, after] = answerOf(row("a", "\u0001"), 1).split("\u0001") as [string, string];
    return typeof outcomeOf(Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])) !== "string";
  });
  // Text or a second element beside the root, or nothing at all: in a row that is content like any other.
  expect(accepted.map(({ id }) => id)).toMatchSnapshot();
});

/** One small damage at a time: a byte flipped, dropped or put in, two swapped, or a few dropped. (The whole list dropped
 * would be one of the ways to say "nobody": that is what the guard is for.) */
function mutate(bytes: Buffer, kind: number, at: number, value: number): Buffer {
  const place = at % bytes.length;
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place + 1)];
  const byte = bytes[place] ?? 0;
  switch (kind) {
    case 0:
      return Buffer.concat([head, Buffer.from([byte ^ (1 << (value % 8))]), tail]);
    case 1:
      return Buffer.concat([head, tail]);
    case 2:
      return Buffer.concat([head, Buffer.from([value]), bytes.subarray(place)]);
    case 3:
      return Buffer.concat([head, tail.subarray(0, 1), Buffer.from([byte]), tail.subarray(1)]);
    default:
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(Math.min(bytes.length, place + (value % 24)))]);
  }
}

test("1.2 twenty thousand damaged answers: refused, or as many rows as they say", () => {
  const source = Buffer.from(good);
  let accepted = 0;
  fc.assert(
    fc.property(fc.nat(4), fc.nat(), fc.nat(255), (kind, at, value) => {
      const outcome = outcomeOf(mutate(source, kind, at, value));
      if (typeof outcome === "string") return;
      accepted += 1;
      // A damage that leaves the answer well-formed is one within a text, a name or a count: no row is lost by it.
      expect(outcome).toHaveLength(3);
    }),
    { numRuns: 20_000, seed: 20_261_123 },
  );
  expect(accepted).toBeGreaterThan(500); // else the mutations were too coarse to mean anything
});

/** Whether every character is one that XML 1.0 can hold at all (its production 2). */
function isXmlText(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return code === 9 || code === 10 || code === 13;
    return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
  });
}

test("naughty strings come back as they were, or are refused", () => {
  for (const text of naughtyStrings) {
    const outcome = outcomeOf(answerOf(row("a", escapeXml(text)), 1));
    if (isXmlText(text)) expect(outcome, JSON.stringify(text)).toEqual([["a", text]]);
    else expect(outcome, JSON.stringify(text)).toBeTypeOf("string");
  }
});

test("escaped text survives the wire, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
      const outcome = outcomeOf(answerOf(row("a", escapeXml(text)), 1));
      if (typeof outcome !== "string") expect(outcome).toEqual([["a", text]]);
    }),
    { numRuns: 2000 },
  );
});
