import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { defaultBounds } from "./bounds.ts";
import { TransportError } from "./http.ts";
import { RowParser } from "./row-parser.ts";

const namespace = "http://www.avectra.com/OnDemand/2005/";
const expected = { namespace, operation: "GetQuery", columns: ["cst_key", "name"] };

const open = (count: number) =>
  Buffer.from(
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetQueryResponse xmlns="${namespace}"><GetQueryResult><Results recordReturn="${count}">`,
  );
const close = Buffer.from("</Results></GetQueryResult></GetQueryResponse></s:Body></s:Envelope>");
const row = (key: number | string, name: string) => `<Result><cst_key>${key}</cst_key><name>${name}</name></Result>`;

/** An answer of so many rows, each its own chunk; counts what was taken of it. */
function answer(count: number, text: (at: number) => string): { taken: number; chunks: AsyncIterable<Uint8Array> } {
  const source = { taken: 0, chunks: make() };
  async function* make() {
    yield open(count);
    for (let at = 0; at < count; at += 1) {
      source.taken += 1;
      yield Buffer.from(text(at));
    }
    yield close;
  }
  return source;
}

function createParser(): RowParser {
  const parser = new RowParser();
  onTestFinished(() => parser[Symbol.asyncDispose]());
  return parser;
}

async function readAll(parser: RowParser, chunks: AsyncIterable<Uint8Array>): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const batch of parser.read(chunks, expected, defaultBounds)) rows.push(...batch);
  return rows;
}

test("every row comes once and in order, empty cells included", async () => {
  const parser = createParser();
  for (const count of [0, 1, 499, 500, 501, 1234]) {
    const rows = await readAll(parser, answer(count, (at) => row(at, at % 3 === 0 ? "" : `Ana ${at}`)).chunks);
    expect(rows).toEqual(Array.from({ length: count }, (_, at) => [String(at), at % 3 === 0 ? "" : `Ana ${at}`]));
  }
});

test("what else the answer said comes behind its rows", async () => {
  const rows = createParser().read(answer(1, () => row(1, "a")).chunks, expected, defaultBounds);
  expect(await rows.next()).toEqual({ done: false, value: [["1", "a"]] });
  expect(await rows.next()).toMatchObject({ done: true, value: { rows: 1, fault: null, lacking: [] } });
});

test("while the consumer is slow, nothing more is taken", async () => {
  const text = "x".repeat(1000);
  const source = answer(100_000, (at) => row(at, text).repeat(1));
  const rows = createParser().read(source.chunks, expected, defaultBounds);
  await rows.next();
  await wait(200);
  const { taken } = source;
  await wait(200);
  expect(source.taken).toBe(taken);
  expect(taken).toBeLessThan(10_000); // of 100,000 KB
  await rows.return({} as never);
});

test("rows of a megabyte come in small batches", async () => {
  const big = "x".repeat(1_000_000);
  let most = 0;
  let count = 0;
  const source = answer(40, (at) => row(at, big));
  for await (const batch of createParser().read(source.chunks, expected, defaultBounds)) {
    most = Math.max(most, batch.length);
    count += batch.length;
  }
  expect([count, most <= 2]).toEqual([40, true]);
});

test("an answer past the thread's memory is refused, not a crash", async () => {
  const columns = Array.from({ length: 400 }, (_, at) => `c${at}`);
  const cell = "山".repeat(1_000_000);
  async function* chunks() {
    yield open(1);
    yield Buffer.from("<Result>");
    for (const name of columns) yield Buffer.from(`<${name}>${cell}</${name}>`);
    yield Buffer.from("</Result>");
    yield close;
  }
  const parser = createParser();
  const reading = parser.read(chunks(), { ...expected, columns }, defaultBounds).next();
  await expect(reading).rejects.toMatchObject({ name: "AmsError", kind: "limit" });
  expect(await readAll(parser, answer(1, () => row(1, "a")).chunks)).toEqual([["1", "a"]]); // and the next is read
});

test("a broken answer ends with its reason, and the parser reads on", async () => {
  const parser = createParser();
  const broken = answer(2, (at) => (at === 0 ? row(0, "a") : "<Result>&nope;</Result>"));
  await expect(readAll(parser, broken.chunks)).rejects.toMatchObject({ name: "AmsError", kind: "incomplete" });
  expect(await readAll(parser, answer(1, () => row(1, "a")).chunks)).toEqual([["1", "a"]]);
});

test("what broke the network stays what it is", async () => {
  const reset = new TransportError("reset");
  async function* chunks() {
    yield open(1);
    throw reset;
  }
  await expect(readAll(createParser(), chunks())).rejects.toBe(reset);
});

test("what arrived before the network broke is read first", async () => {
  const reset = new TransportError("reset");
  async function* chunks() {
    yield open(3000);
    yield Buffer.from(Array.from({ length: 2600 }, (_, at) => row(at, "x")).join(""));
    throw reset;
  }
  const rows: string[][] = [];
  const reading = (async () => {
    for await (const batch of createParser().read(chunks(), expected, defaultBounds)) rows.push(...batch);
  })();
  await expect(reading).rejects.toBe(reset);
  expect(rows.map(([key]) => key)).toEqual(Array.from({ length: 2500 }, (_, at) => String(at)));
});

test("an answer that is left in the middle doesn't mix with the next", async () => {
  const parser = createParser();
  for await (const batch of parser.read(answer(5000, (at) => row(`old ${at}`, "x")).chunks, expected, defaultBounds)) {
    expect(batch.length).toBeGreaterThan(0);
    break;
  }
  expect(await readAll(parser, answer(2, (at) => row(at, "new")).chunks)).toEqual([
    ["0", "new"],
    ["1", "new"],
  ]);
});
