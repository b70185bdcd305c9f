import { describe, expect, test } from "vitest";
import { hasRecorded, recorded } from "../../../test/harness/recorded.ts";
import { AmsError } from "../connector.ts";
import { type Answer, AnswerReader, type Expectation } from "./answer-reader.ts";
import { defaultBounds } from "./bounds.ts";
import { isCredentialsFault } from "./soap.ts";
import { readOperations } from "./wsdl.ts";

const onDemand = "http://www.avectra.com/OnDemand/2005/";
const signOn = "http://tempuri.org/";

/** Every recorded answer, with what the bridge would expect of it. */
const answers: Readonly<Record<string, Expectation>> = {
  authenticate_success: { namespace: signOn, operation: "Authenticate", columns: [] },
  authenticate_failure: { namespace: signOn, operation: "Authenticate", columns: [] },
  get_customer_key_failure: { namespace: signOn, operation: "GetCstKeyFromSignOnToken", columns: [] },
  get_customer_by_key_success: {
    namespace: onDemand,
    operation: "GetCustomerByKey",
    columns: ["cst_key", "SortName", "EmailAddress"],
  },
  get_customer_by_key_no_results: { namespace: onDemand, operation: "GetCustomerByKey", columns: ["cst_key"] },
  get_active_product_list_by_individual_success0: {
    namespace: onDemand,
    operation: "GetActiveProductListByIndividual",
    columns: ["cst_key", "prd_key"],
  },
  get_active_product_list_by_individual_success1: {
    namespace: onDemand,
    operation: "GetActiveProductListByIndividual",
    columns: ["cst_key", "prd_key", "add_date"],
  },
};

interface Read {
  readonly answer: Answer;
  readonly rows: readonly (readonly string[])[];
}

function read(bytes: Uint8Array, expected: Expectation, chunk = bytes.length): Read {
  const rows: string[][] = [];
  const reader = new AnswerReader(expected, defaultBounds, (cells) => rows.push(cells));
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  return { answer: reader.end(), rows };
}

const expectationOf = (name: string) => answers[name] as Expectation;
const names = Object.keys(answers);

describe.skipIf(!hasRecorded)("recorded answers", () => {
  test("a sign-on's token is the text of its result", () => {
    const { answer } = read(recorded("authenticate_success"), expectationOf("authenticate_success"));
    expect(answer).toMatchObject({ text: "5879c283-d70e-43a5-a73a-12e7bc35cfb7", fault: null });
  });

  test("refused credentials are recognised, the stack trace cut off", () => {
    const { answer } = read(recorded("authenticate_failure"), expectationOf("authenticate_failure"));
    expect(answer.fault).toEqual({ code: "soap:Client", message: "Invalid Credentials Supplied" });
    expect(answer.fault && isCredentialsFault(answer.fault)).toBe(true);
  });

  test("the next call's token stands in the header", () => {
    const { answer } = read(recorded("get_customer_by_key_success"), expectationOf("get_customer_by_key_success"));
    expect(answer.token).toBe("c86920d2-75d5-46f2-b347-5989fc3d17eb");
  });

  test("a row is its wanted columns; of an element that comes twice the first with something in it counts", () => {
    const { rows } = read(recorded("get_customer_by_key_success"), expectationOf("get_customer_by_key_success"));
    expect(rows).toEqual([["ec8f7ac3-4a05-416d-9cf0-c447d4348c54", "Doe John", expect.any(String)]]);
    const list = read(
      recorded("get_active_product_list_by_individual_success1"),
      expectationOf("get_active_product_list_by_individual_success1"),
    );
    expect(list.rows).toEqual([
      ["447200c9-e5fc-4188-8b9f-cb64b70eb323", "669f3f1e-0a96-44a4-8f11-59ac0b842371", "10/23/2009 12:05:28 PM"],
    ]);
  });

  test.each([
    "get_customer_by_key_no_results",
    "get_active_product_list_by_individual_success0",
    "get_customer_key_failure",
  ])("%s: nobody, said in one of three ways", (name) => {
    expect(read(recorded(name), expectationOf(name))).toMatchObject({
      rows: [],
      answer: { rows: 0, fault: null, lacking: [] },
    });
  });

  test.each(names)("%s is the same in chunks of 1, 7 and 4096 bytes", (name) => {
    const whole = read(recorded(name), expectationOf(name));
    for (const chunk of [1, 7, 4096]) expect(read(recorded(name), expectationOf(name), chunk)).toEqual(whole);
  });

  test.each(names)("1.2 %s, cut at any byte, is refused", (name) => {
    const bytes = recorded(name);
    // White space behind the root says nothing: from its end on the answer is whole.
    const whole = bytes.lastIndexOf(">") + 1;
    for (let length = 0; length < whole; length += 1)
      expect(() => read(bytes.subarray(0, length), expectationOf(name)), `${length} bytes`).toThrow(AmsError);
    for (let length = whole; length <= bytes.length; length += 1) read(bytes.subarray(0, length), expectationOf(name));
  });

  test("a column that no row has is named", () => {
    const expected = { ...expectationOf("get_customer_by_key_success"), columns: ["cst_key", "cst_gone"] };
    expect(read(recorded("get_customer_by_key_success"), expected).answer.lacking).toEqual(["cst_gone"]);
  });

  test("both service descriptions name their operations and parameters", async () => {
    const parse = (bytes: Buffer, chunk: number) =>
      readOperations(
        (async function* () {
          for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
        })(),
      );
    // The recording begins with a blank line, which no XML document may.
    const description = Buffer.from(recorded("on_demand_wsdl").toString("utf8").trimStart());
    const operations = await parse(description, 4096);
    expect(operations.get("GetQuery")).toEqual(["szObjectName", "szColumnList", "szWhereClause", "szOrderBy"]);
    expect(operations.get("SetIndividualInformation")).toEqual(["IndividualKey", "oUpdateNode"]);
    expect(await parse(description, 777)).toEqual(operations);
    expect((await parse(recorded("sign_on_wsdl"), 7)).get("Authenticate")).toEqual(["userName", "password"]);
    await expect(parse(description.subarray(0, 200_000), 4096)).rejects.toThrow(AmsError);
  });
});
