import { expect, test } from "vitest";
import { naughtyStrings } from "../../../test/harness/naughty-strings.ts";
import { AmsError } from "../connector.ts";
import { defaultMapping, fillParameters, isGuid, isPaged, parseMapping, zeroGuid } from "./mapping.ts";

const job = "0a1b2c3d-0000-4000-8000-000000000001";
const last = "FFFFFFFF-0000-4000-8000-0000000000AB";

test.each([null, undefined])("a bridge without a mapping of its own (%s) has the default", (value) => {
  expect(parseMapping(value)).toBe(defaultMapping);
});

test("the default mapping is itself a good one, also as JSON", () => {
  expect(parseMapping(JSON.parse(JSON.stringify(defaultMapping)))).toEqual(defaultMapping);
});

const { individuals } = defaultMapping;
const mistakes: readonly (readonly [string, unknown, RegExp])[] = [
  ["text", "GetQuery", /mapping:/],
  ["a list", [], /mapping:/],
  ["nothing in it", {}, /queries: .*fields: .*individuals: .*setDoNotEmail: /s],
  ["an unknown need", { ...defaultMapping, more: {} }, /more/],
  [
    "an operation with a space",
    { ...defaultMapping, fields: { operation: "Get Query", parameters: {} } },
    /fields\.op/,
  ],
  ["an operation that closes the element", { ...defaultMapping, fields: { operation: "a/><b", parameters: {} } }, /op/],
  ["an operation of 65 letters", { ...defaultMapping, fields: { operation: "a".repeat(65), parameters: {} } }, /op/],
  [
    "a parameter's name that is markup",
    { ...defaultMapping, fields: { operation: "a", parameters: { "a>": "" } } },
    /a>/,
  ],
  ["a parameter that is a number", { ...defaultMapping, fields: { operation: "a", parameters: { a: 1 } } }, /fields/],
  [
    "a column with a quote",
    { ...defaultMapping, individuals: { ...individuals, key: "cst_key'" } },
    /individuals\.key/,
  ],
  [
    "a column list as a column",
    { ...defaultMapping, individuals: { ...individuals, email: "a,b" } },
    /individuals\.email/,
  ],
  ["an empty column", { ...defaultMapping, individuals: { ...individuals, doNotEmail: "" } }, /doNotEmail/],
];

test.each(mistakes)("a mapping is refused with each mistake named: %s", (_, value, message) => {
  expect(() => parseMapping(value)).toThrow(expect.objectContaining({ kind: "mapping" }));
  expect(() => parseMapping(value)).toThrow(message);
});

test("values take their templates' places, escaped as XML", () => {
  const values = { columns: "cst_key,<b>", job, last };
  expect(fillParameters(individuals.parameters, values)).toEqual({
    szObjectName: "MessagingJobRecipient @TOP -1",
    szColumnList: "cst_key,&lt;b&gt;",
    szWhereClause: `mjb_key = '${job}' AND cst_key &gt; '${last}'`,
    szOrderBy: "cst_key",
  });
});

test("a template that is XML stays XML; what is put in doesn't become any", () => {
  const values = { key: job, flag: "1", date: "3/4/2030", reason: "</activity_text><x>&\r" };
  expect(fillParameters(defaultMapping.recordActivity?.parameters ?? {}, values).oNode).toBe(
    `<Activity><cst_key>${job}</cst_key><activity_date>3/4/2030</activity_date><activity_text>&lt;/activity_text&gt;&lt;x&gt;&amp;&#13;</activity_text></Activity>`,
  );
});

test("a value is put in once: what looks like a placeholder in it stays", () => {
  expect(fillParameters({ a: "{reason}", b: "<b>{reason}</b>" }, { reason: "{key} $& $1", key: job })).toEqual({
    a: "{key} $&amp; $1",
    b: "<b>{key} $&amp; $1</b>",
  });
});

test("a placeholder that stands for nothing stays as it is", () => {
  const templates = { a: "{nothing} {constructor}", b: "<b>{toString}{__proto__}</b>" };
  expect(fillParameters(templates, {})).toEqual(templates);
});

const noKeys = [
  "",
  " ",
  "' OR '1'='1",
  `${job}' OR '1'='1`,
  `${job}\n`,
  ` ${job}`,
  `{${job}}`,
  `${job}\u0000`,
  job.replace("-", "–"),
  job.slice(1),
  `${job}0`,
  job.replace("0a", "0g"),
  "%27%20OR%201=1",
  ...naughtyStrings,
];

test.each(["job", "last", "key"])("only a GUID goes into a where clause: %s", (name) => {
  for (const key of noKeys)
    expect(() => fillParameters({ a: "x" }, { [name]: key }), JSON.stringify(key)).toThrow(
      expect.objectContaining({ name: "AmsError", kind: "refused" }),
    );
  for (const key of [job, last, zeroGuid])
    expect(fillParameters({ a: `{${name}}` }, { [name]: key })).toEqual({ a: key });
});

test("a refused key is cut before anybody sees it", () => {
  const error = (() => {
    try {
      return fillParameters({}, { key: "x".repeat(1000) });
    } catch (caught) {
      return caught;
    }
  })();
  expect(error).toBeInstanceOf(AmsError);
  expect(error).toMatchObject({ detail: `key: ${"x".repeat(60)}` });
});

test("a GUID is one in either case, without braces", () => {
  expect([job, last, zeroGuid].map(isGuid)).toEqual([true, true, true]);
  expect(noKeys.filter(isGuid)).toEqual([]);
});

test("an operation is paged when it can be asked for what comes behind a key", () => {
  expect(isPaged(individuals.parameters)).toBe(true);
  expect(isPaged({ szWhereClause: "mjb_key = '{job}'" })).toBe(false);
});
