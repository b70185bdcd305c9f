import { expect, test } from "vitest";
import { toPage } from "./individuals.ts";
import { toField, toQuery } from "./lists.ts";
import { zeroGuid } from "./mapping.ts";

const key = "0a1b2c3d-0000-4000-8000-000000000001";
const other = "0a1b2c3d-0000-4000-8000-000000000002";
const only = (...row: string[]) => toPage([[other, "", "0"], row], zeroGuid).individuals[1];

test.each([key, key.toUpperCase(), `{${key}}`, ` {${key.toUpperCase()}} `, ` ${key}\n`])(
  "a customer key is kept in lower case without braces: %j",
  (text) => {
    expect(only(text, "a@example.org", "0")).toEqual({
      remoteId: key,
      email: "a@example.org",
      doNotEmail: false,
      values: [],
    });
    expect(toPage([[text, "", ""]], zeroGuid).cursor).toBe(key);
  },
);

test.each([
  ["", "key_missing"],
  ["  ", "key_missing"],
  ["{}", "key_missing"],
  ["12345", "key_malformed"],
  ["' OR '1'='1", "key_malformed"],
  [`${key}'--`, "key_malformed"],
  ["x".repeat(36), "key_malformed"],
  [`{${key}`.slice(0, 36), "key_malformed"],
])("1.7 a row whose key is %j is listed as %s", (text, fault) => {
  expect(only(text, "a@example.org", "0")).toMatchObject({ email: "a@example.org", fault });
});

test.each([
  ["1", true],
  ["-1", true],
  ["true", true],
  ["TRUE", true],
  [" Y ", true],
  ["yes", true],
  ["0", false],
  ["false", false],
  ["N", false],
  ["no", false],
  ["", false],
  ["  ", false],
])("the do-not-email flag %j says %s", (flag, doNotEmail) => {
  const individual = only(key, "a@example.org", flag);
  expect(individual).toMatchObject({ doNotEmail });
  expect(individual).not.toHaveProperty("fault");
});

test.each(["2", "maybe", "01", "0x1", "ja", "\u0661"])(
  "1.7 nobody is mailed because a flag %j says nothing",
  (flag) => {
    expect(only(key, "a@example.org", flag)).toMatchObject({ fault: "flag_malformed" });
  },
);

test("an address and values come as they are; a null is an empty value", () => {
  expect(only(key, " Ana <a@example.org> ", "0", " x ", "", "<b>")).toMatchObject({
    email: " Ana <a@example.org> ",
    values: [" x ", null, "<b>"],
  });
});

test("the cursor is the last key that can be one", () => {
  const rows = [
    [key, "", ""],
    [other, "", ""],
    ["' OR '1'='1", "", ""],
    ["", "", ""],
  ];
  expect(toPage(rows, zeroGuid).cursor).toBe(other);
  expect(toPage([[key, "", "what?"]], zeroGuid).cursor).toBe(key); // the row is bad, its key is not
});

test.each([
  [[["", "", ""]]],
  [[["x", "", ""]]],
  [
    [
      ["", "", ""],
      ["' OR '1'='1", "", ""],
    ],
  ],
])("1.2 rows without a single usable key are no answer: %j", (rows) => {
  expect(() => toPage(rows, key)).toThrow(expect.objectContaining({ name: "AmsError", kind: "incomplete" }));
});

test("a query's key is plain, its cursor as it came, its name without space around it", () => {
  const braced = `{${key.toUpperCase()}}`;
  expect(toQuery(` ${braced} `, " All members ")).toEqual({ query: { key, name: "All members" }, cursor: braced });
  expect(toQuery(key, " ").query.name).toBe(key); // nameless, it still needs a name
  expect(toQuery(key, "x".repeat(600)).query.name).toHaveLength(500);
  for (const text of ["", "7", "' OR '1'='1"])
    expect(() => toQuery(text, "name")).toThrow(expect.objectContaining({ kind: "incomplete" }));
});

const element = (attributes: Record<string, string>, name = "xs:element") => ({ name, depth: 9, attributes });

test("a schema's element with a simple type is a field", () => {
  expect(toField(element({ name: "mbr_join_date", type: "xs:dateTime" }))).toEqual({
    name: "mbr_join_date",
    dataType: "dateTime",
    isSensitive: false,
  });
  expect(toField(element({ name: "a", type: "string" }, "element"))).toMatchObject({ dataType: "string" });
  expect(toField(element({ name: "IndividualObject" }))).toBeUndefined();
  expect(toField(element({ type: "xs:string" }))).toBeUndefined();
  expect(toField(element({ name: "a", type: "xs:string" }, "xs:attribute"))).toBeUndefined();
});

test.each(["", "a b", "a'", "a,b", "a)--", "é", "x".repeat(65), "a\n"])(
  "what could not stand in a column list is no field: %j",
  (name) => {
    expect(toField(element({ name, type: "xs:string" }))).toBeUndefined();
  },
);

test.each(["cst_web_password", "ind_ssn", "ind_dob", "BirthDate", "passport_no", "bank_code", "card_number"])(
  "%s starts as not valid for personalization",
  (name) => {
    expect(toField(element({ name, type: "xs:string" }))?.isSensitive).toBe(true);
  },
);
