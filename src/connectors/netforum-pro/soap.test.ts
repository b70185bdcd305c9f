import { SaxesParser } from "saxes";
import { expect, test } from "vitest";
import { faultError } from "./failures.ts";
import { envelope, escapeXml, isCredentialsFault, isTokenFault, soapFault } from "./soap.ts";

const namespace = "http://tempuri.org/";

/** Text of each element of a request, by its name; throws where it isn't well-formed. */
function textsOf(xml: string): Record<string, string> {
  const texts: Record<string, string> = {};
  const path: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("opentag", ({ local }) => {
    path.push(local);
    texts[local] = "";
  });
  parser.on("text", (text) => {
    const name = path.at(-1);
    if (name !== undefined) texts[name] += text;
  });
  parser.on("closetag", () => {
    path.pop();
  });
  parser.write(xml).close();
  return texts;
}

test.each([
  "<script>",
  "a & b",
  `"quoted" and 'single'`,
  "]]>",
  "line\nline\r\nline\r",
  "a\tb",
  "Zoë 山田 😀",
  "&amp;",
])("a text stays what it is inside a request: %j", (text) => {
  const xml = envelope(namespace, "Authenticate", { userName: escapeXml(text), password: escapeXml(text) }, text);
  expect(textsOf(xml)).toMatchObject({ userName: text, password: text, Token: text });
});

test("a request without a token has no header", () => {
  expect(textsOf(envelope(namespace, "Authenticate", {}, null))).toEqual({ Envelope: "", Body: "", Authenticate: "" });
});

const trace =
  "\n   at Avectra.netForumOD2.xWebOD.SignOn.Authenticate(String userName, String password) in c:\\TeamPro\\SignOn.cs:line 68";

test.each([
  [`System.Web.Services.Protocols.SoapException: Invalid Credentials Supplied${trace}`, "Invalid Credentials Supplied"],
  [`Invalid Token Value${trace.replace("\n", "\r\n")}`, "Invalid Token Value"],
  ["A.B.OuterException: C.InnerException: it broke", "it broke"],
  ["it broke ---> System.NullReferenceException: Object reference", "it broke"],
  ["it broke    at Avectra.netForum.Call(String a)", "it broke"],
  ["We met at noon", "We met at noon"],
  ["  two   spaces\n and lines ", "two spaces and lines"],
  ["", ""],
])("a fault is its message, without exception names and stack trace: %j", (faultstring, message) => {
  expect(soapFault({ faultcode: " soap:Client ", faultstring })).toEqual({ code: "soap:Client", message });
});

test("Enterprise's own message comes before the faultstring", () => {
  expect(soapFault({ faultstring: "Server was unable to process", Message: "Invalid Token" }).message).toBe(
    "Invalid Token",
  );
});

test.each([" ", "\n ", " at ", "a.", "a.bException: ", "--", "at a.b", "\u00a0"])(
  "a fault of a million characters takes no time: %j",
  (piece) => {
    const began = performance.now();
    const { code, message } = soapFault({ faultcode: "x".repeat(1_000_000), faultstring: piece.repeat(1_000_000) });
    expect(performance.now() - began).toBeLessThan(500);
    expect([code.length, message.length <= 300]).toEqual([50, true]);
  },
);

test.each(["Invalid Token Value", "INVALID TOKEN", "The token has expired", "Bad authorization token"])(
  "a used-up or expired token is told from other faults: %s",
  (message) => {
    expect(isTokenFault({ code: "", message })).toBe(true);
    expect(isCredentialsFault({ code: "", message })).toBe(false);
  },
);

const kinds: readonly (readonly [string, string])[] = [
  ["Invalid Credentials Supplied", "credentials"],
  ["Invalid Credentials Supplied: the account is locked", "credentials"],
  ["Your account has been locked", "credentials"],
  ["Invalid Token Value", "token"],
  ["Invalid column name 'cst_gone'", "mapping"],
  ["Object 'MessagingJobs' not found", "mapping"],
  ["Server did not recognize the value of HTTP Header SOAPAction: GetQuery.", "mapping"],
  ["Object reference not set to an instance of an object.", "refused"],
  ["", "refused"],
];

test.each(kinds)("a fault %j is of kind %s", (message, kind) => {
  expect(faultError({ code: "soap:Client", message }, "GetQuery")).toMatchObject({ name: "AmsError", kind });
});
