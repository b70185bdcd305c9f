import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { guessColumns, guessDelimiter, guessEncoding, guessHeader, guessOtherFormat } from "./guess.rules.ts";

const bytes = (text: string, encoding: string, addBOM = false) => iconv.encode(text, encoding, { addBOM });
const table = "E-mail;Vorname\njürgen@example.org;Jürgen Größe\nzoë@example.org;Zoë\n".repeat(20);

test.each([
  ["utf-8", bytes(table, "utf-8"), "utf-8"],
  ["utf-8 with its mark", bytes(table, "utf-8", true), "utf-8"],
  ["utf-16le with its mark", bytes(table, "utf-16le", true), "utf-16le"],
  ["utf-16be with its mark", bytes(table, "utf-16be", true), "utf-16be"],
  ["utf-16le without a mark", bytes(table, "utf-16le"), "utf-16le"],
  ["windows-1252", bytes(table, "windows-1252"), "windows-1252"],
  [
    "windows-1251",
    bytes("Имя;Почта\nАнна Каренина;anna@example.org\nЛев Толстой;lev@example.org\n", "windows-1251"),
    "windows-1251",
  ],
  ["Shift JIS", bytes("名前,メール\n山田太郎,taro@example.org\n鈴木花子,hana@example.org\n", "shift_jis"), "shift_jis"],
  ["plain ASCII", bytes("a@example.org,Ann\n", "ascii"), "utf-8"],
  ["nothing", new Uint8Array(), "utf-8"],
])("3.3 encoding: %s", (_, given, expected) => expect(guessEncoding(given)).toBe(expected));

test("3.3 encoding: UTF-8 that is cut in the middle of a letter is UTF-8", () => {
  const whole = bytes("Zoë", "utf-8");
  expect(guessEncoding(whole.subarray(0, whole.length - 1))).toBe("utf-8");
});

test.each([
  ["a,b\n1,2\n", ","],
  ["a;b\n1;2,5\n3;4,5\n", ";"],
  ["a\tb\n1\t2\n", "\t"],
  ["a|b\n", "|"],
  ['"Last, First";mail\n"Doe, Jane";x@y.z\n', ";"],
  ["one@example.org\ntwo@example.org\n", ","],
  ["", ","],
] as const)("3.3 delimiter of %j", (text, expected) => expect(guessDelimiter(text)).toBe(expected));

test("3.3 a first row with an address is no header", () => {
  expect(
    guessHeader([
      ["Name", "E-mail"],
      ["Ann", "ann@example.org"],
    ]),
  ).toBe(true);
  expect(
    guessHeader([
      ["Ann", "ann@example.org"],
      ["Bob", "bob@example.org"],
    ]),
  ).toBe(false);
  expect(guessHeader([["ann@example.org"]])).toBe(false);
});

test("3.3 columns: the address is where addresses are, fields by their name or their label", () => {
  const fields = [
    { name: "ind_first_name", displayName: "First name" },
    { name: "ind_last_name", displayName: "Last name" },
  ];
  const rows = [
    ["x@y", "ann@example.org", "Ann"],
    ["", "bob@example.org", "Bob"],
  ];
  expect(guessColumns(["Comment", "Contact", "FIRST_NAME"], rows, fields)).toEqual({
    email: 1,
    fields: { ind_first_name: 2 },
  });
  expect(guessColumns(["E-Mail", "x"], [["", ""]], fields)).toEqual({ email: 0, fields: {} });
  expect(guessColumns([], [["nobody", "here"]], fields)).toEqual({ email: null, fields: {} });
});

test("3.3 what is no CSV at all is known by its beginning", () => {
  expect(guessOtherFormat(Buffer.from("504b030414", "hex"))).toContain(".xlsx");
  expect(guessOtherFormat(Buffer.from("%PDF-1.7"))).toBe("a PDF");
  expect(guessOtherFormat(Buffer.from("PK,Name\n1,Ann"))).toBeNull();
  expect(guessOtherFormat(Buffer.from(""))).toBeNull();
});
