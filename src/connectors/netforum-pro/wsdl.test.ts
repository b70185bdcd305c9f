import { expect, test } from "vitest";
import { onDemandNamespace, onDemandOperations, wsdl } from "../../../simulator/wsdl.ts";
import { AmsError } from "../connector.ts";
import { defaultBounds } from "./bounds.ts";
import { TransportError } from "./http.ts";
import { type Operations, readOperations } from "./wsdl.ts";

const description = Buffer.from(wsdl(onDemandNamespace, onDemandOperations, "http://127.0.0.1/xweb"));

function read(input: string | Buffer, chunk = 4096): Promise<Operations> {
  const bytes = Buffer.from(input);
  return readOperations(
    (async function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    })(),
  );
}

test("a description names its operations with their parameters, whatever its chunks", async () => {
  const whole = await read(description);
  for (const [operation, parameters] of Object.entries(onDemandOperations))
    expect(whole.get(operation)).toEqual(parameters);
  for (const chunk of [1, 7]) expect(await read(description, chunk)).toEqual(whole);
});

test("other prefixes say the same", async () => {
  const other = description
    .toString()
    .replaceAll("wsdl:", "w:")
    .replaceAll("xmlns:wsdl", "xmlns:w")
    .replaceAll("s:", "x:");
  expect(await read(other)).toEqual(await read(description));
});

test("a name that every object has is a name like others", async () => {
  const operations = await read(wsdl(onDemandNamespace, { constructor: [], toString: ["a"] }, "x"));
  expect(operations.get("toString")).toEqual(["a"]);
  expect(operations.get("valueOf")).toBeUndefined();
});

const cut = description.indexOf("<wsdl:binding");
test.each([
  ["nothing", ""],
  ["a page", "<!DOCTYPE html><html><body>Sign in</body></html>"],
  ["a page that is XML", "<html><body>Sign in</body></html>"],
  ["JSON", '{"error":"no"}'],
  ["a SOAP answer", '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'],
  ["a document type definition", description.toString().replace("<wsdl:def", "<!DOCTYPE x []><wsdl:def")],
  ["half of it", description.subarray(0, cut)],
  ["Latin-1", Buffer.from("<definitions>é</definitions>", "latin1")],
  ["UTF-16 by its own word", '<?xml version="1.0" encoding="utf-16"?><definitions/>'],
  ["XML 1.1", '<?xml version="1.1"?><definitions/>'],
  ["a text without an end", `<definitions>${"x".repeat(3 * 1024 ** 2)}</definitions>`],
  ["65 levels", `<definitions>${"<a>".repeat(64)}${"</a>".repeat(64)}</definitions>`],
])("what is no service description is refused: %s", async (_, input) => {
  await expect(read(input)).rejects.toMatchObject({ name: "AmsError", kind: "incomplete" });
});

test("a description may have 32 MB and no more", async () => {
  const comment = Buffer.from(`<!--${"x".repeat(1024 * 1024 - 7)}-->`);
  const chunks = async function* (megabytes: number) {
    yield Buffer.from("<definitions>");
    for (let at = 0; at < megabytes; at += 1) yield comment;
    yield Buffer.from("</definitions>");
  };
  expect(await readOperations(chunks(31), defaultBounds)).toEqual(new Map());
  await expect(readOperations(chunks(32), defaultBounds)).rejects.toMatchObject({
    detail: expect.stringMatching(`larger than ${32 * 1024 ** 2} bytes`),
  });
});

test.each([new TransportError("reset"), new AmsError("cancelled", "The read was stopped.")])(
  "what broke the transport stays what it is: %s",
  async (broken) => {
    const chunks = (async function* () {
      yield Buffer.from("<definitions>");
      throw broken;
    })();
    await expect(readOperations(chunks)).rejects.toBe(broken);
  },
);
