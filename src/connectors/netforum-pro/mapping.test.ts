import { expect, test } from "vitest";
import { AmsError } from "../connector.ts";
import { defaultMapping, fillParameters, isPaged, parseMapping, zeroGuid } from "./mapping.ts";

const key = "ec8f7ac3-4a05-416d-9cf0-c447d4348c54";
const { individuals, setDoNotEmail } = defaultMapping;

test("a bridge without a mapping has the default", () => {
  expect(parseMapping(null)).toEqual(defaultMapping);
  expect(parseMapping(structuredClone(defaultMapping))).toEqual(defaultMapping);
});

test.each([
  ["no object", "GetQuery"],
  ["nothing in it", {}],
  ["an operation that is no name", { ...defaultMapping, fields: { operation: "Get Query", parameters: {} } }],
  ["a column with a blank", { ...defaultMapping, individuals: { ...individuals, key: "cst key" } }],
  ["a column that closes a quote", { ...defaultMapping, individuals: { ...individuals, email: "a'; drop" } }],
  ["a parameter that is no name", { ...defaultMapping, fields: { operation: "A", parameters: { "<x>": "" } } }],
  ["a word that nobody knows", { ...defaultMapping, more: 1 }],
])("a mapping with %s is refused, and told where", (_, mapping) => {
  expect(() => parseMapping(mapping)).toThrow(AmsError);
  expect(() => parseMapping(mapping)).toThrow(/can't be used: \w+/);
});

test("keys go into a where clause, and nothing that isn't one", () => {
  const filled = fillParameters(individuals.parameters, { columns: "cst_key", job: key, last: zeroGuid });
  expect(filled.szWhereClause).toBe(`mjb_key = '${key}' AND cst_key &gt; '${zeroGuid}'`);
  for (const job of ["", "' OR 1=1 --", `${key}' OR '1'='1`, `{${key}}`, `${key}\n`, "null", key.slice(1)])
    expect(() => fillParameters(individuals.parameters, { columns: "cst_key", job, last: zeroGuid }), job).toThrow(
      AmsError,
    );
});

test("a value in an XML parameter stays text", () => {
  const filled = fillParameters(setDoNotEmail.parameters, { key, flag: "</cst_no_email_flag><cst_key>x" });
  expect(filled.oUpdateNode).toContain(
    "<cst_no_email_flag>&lt;/cst_no_email_flag&gt;&lt;cst_key&gt;x</cst_no_email_flag>",
  );
});

test("what isn't known stays as it stands, and a value is never filled again", () => {
  expect(fillParameters({ a: "{unknown} {columns}" }, { columns: "{job}" })).toEqual({ a: "{unknown} {job}" });
});

test("an operation is read page by page when it can be asked for what comes after a key", () => {
  expect(isPaged(individuals.parameters)).toBe(true);
  expect(isPaged({ szWhereClause: "mjb_key = '{job}'" })).toBe(false);
});
