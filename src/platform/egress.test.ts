import { expect, test } from "vitest";
import { checkUrl, EgressError, guardedLookup } from "./egress.ts";

const strict = { allowPrivate: false };

test.each([
  "https://netforumpro.com",
  "https://uat.netforumpro.com/xWeb/",
  "https://ams.example.org:8443/eweb",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
  "https://bücher.example/xweb",
])("a bridge may call %s", (url) => {
  expect(checkUrl(url, strict).href).toBe(new URL(url).href);
});

test.each([
  "http://netforumpro.com",
  "file:///etc/passwd",
  "gopher://netforumpro.com",
  "javascript:alert(1)",
  "//netforumpro.com",
  "netforumpro.com",
  "",
  "https://user:pass@netforumpro.com",
  "https://user@netforumpro.com",
  "https://netforumpro.com/#x",
  "https://netforumpro.com:22",
  "https://netforumpro.com:25",
  "https://netforumpro.com:6379",
  "https://localhost",
  "https://localhost.",
  "https://sub.localhost",
  "https://127.0.0.1",
  "https://127.1",
  "https://0x7f.1",
  "https://2130706433",
  "https://017700000001",
  "https://0.0.0.0",
  "https://[::]",
  "https://[::1]",
  "https://[::ffff:10.0.0.1]",
  "https://[::ffff:a00:1]",
  "https://[64:ff9b::a00:1]",
  "https://169.254.169.254/latest/meta-data",
  "https://100.64.0.1",
  "https://10.1.2.3",
  "https://172.16.0.1",
  "https://192.168.1.1",
  "https://[fc00::1]",
  "https://[fe80::1]",
  "https://１２７.０.０.１",
  "https://224.0.0.1",
  "https://255.255.255.255",
  `https://netforumpro.com/${"x".repeat(2048)}`,
])("a bridge may not call %s", (url) => {
  expect(() => checkUrl(url, strict)).toThrow(EgressError);
});

test("an operator may let a bridge call this machine", () => {
  expect(checkUrl("http://127.0.0.1:39335", { allowPrivate: true }).port).toBe("39335");
  expect(() => checkUrl("ftp://127.0.0.1", { allowPrivate: true })).toThrow(EgressError);
});

const lookUp = (name: string, allowPrivate: boolean) =>
  new Promise<unknown>((resolve) => {
    guardedLookup({ allowPrivate })(name, { all: true }, (error, addresses) => resolve(error ?? addresses));
  });

test("a name whose answer is a private address is refused when it is connected to", async () => {
  expect(await lookUp("localhost", false)).toBeInstanceOf(EgressError);
  expect(await lookUp("localhost", true)).toBeInstanceOf(Array);
});
