import { expect, test } from "vitest";
import { checkUrl, EgressError, guardedLookup } from "./egress.ts";

const strict = { allowPrivate: false };
const open = { allowPrivate: true };

const refused: Readonly<Record<string, readonly string[]>> = {
  "no web address": ["", "netforumpro.com", "http", "https://", "https://[fe80::1%25eth0]/", "https://a b/"],
  "begins with": ["http://netforumpro.com", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "data:,x"],
  "user name or password": ["https://user:pass@netforumpro.com", "https://netforumpro.com@127.0.0.1/"],
  "# part": ["https://netforumpro.com/#x"],
  port: ["https://netforumpro.com:22", "https://netforumpro.com:25", "https://netforumpro.com:6379"],
  "own|loopback": [
    "https://localhost",
    "https://LOCALHOST.",
    "https://intra.localhost",
    "https://127.0.0.1",
    "https://127.0.0.1.",
    "https://127.1",
    "https://0x7f.1",
    "https://2130706433",
    "https://017700000001",
    "https://１２７.０.０.１",
    "https://127。0。0。1",
    "https://①②⑦.0.0.1",
    "https:\\\\127.0.0.1\\",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
  ],
  unspecified: ["https://0.0.0.0", "https://0", "https://[::]"],
  linkLocal: ["https://169.254.169.254", "https://[::ffff:169.254.169.254]", "https://[fe80::1]"],
  private: [
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://172.31.255.255",
    "https://192.168.1.1",
    "https://[::ffff:10.0.0.1]",
  ],
  carrierGradeNat: ["https://100.64.0.1", "https://100.127.255.255"],
  uniqueLocal: ["https://[fc00::1]", "https://[fd12:3456::1]"],
  rfc6052: ["https://[64:ff9b::a00:1]"],
  "6to4|teredo|SiteLocal|reserved": [
    "https://[2002:a00:1::]",
    "https://[2001:0:a00:1::]",
    "https://[fec0::1]",
    "https://[2001:db8::1]",
    "https://[::127.0.0.1]",
    "https://[::a00:1]",
    "https://198.18.0.1",
    "https://192.0.2.1",
    "https://240.0.0.1",
  ],
  "multicast|broadcast": ["https://224.0.0.1", "https://[ff02::1]", "https://255.255.255.255"],
};

const cases = Object.entries(refused).flatMap(([reason, urls]) => urls.map((url) => ({ url, reason })));

test.each(cases)("refuses $url, saying $reason", ({ url, reason }) => {
  expect(() => checkUrl(url, strict)).toThrow(EgressError);
  expect(() => checkUrl(url, strict)).toThrow(new RegExp(reason));
});

test.each([
  "https://netforumpro.com",
  "https://netforumpro.com/xWeb",
  "https://uat.netforumpro.com:8443/xweb/",
  "https://netforumpro.com.",
  "https://1.1.1.1",
  "https://172.15.255.255",
  "https://172.32.0.1",
  "https://100.63.255.255",
  "https://[2606:4700::1111]",
])("a public https address may be called: %s", (url) => {
  expect(checkUrl(url, strict)).toEqual(new URL(url));
});

test("an address has at most 2048 characters", () => {
  const longest = `https://netforumpro.com/${"x".repeat(2048 - 24)}`;
  expect(checkUrl(longest, strict).href).toHaveLength(2048);
  expect(() => checkUrl(`${longest}x`, strict)).toThrow("longer than 2048");
});

test.each(["http://127.0.0.1:8080/xweb", "http://localhost:49152", "https://10.0.0.1:22", "https://[::1]"])(
  "an operator may allow private addresses, any port and plain http: %s",
  (url) => {
    expect(checkUrl(url, open)).toEqual(new URL(url));
  },
);

test.each(["ftp://127.0.0.1/", "https://user@127.0.0.1/", "https://127.0.0.1/#x"])(
  "an operator's leave is for addresses, not for the rest of the URL: %s",
  (url) => {
    expect(() => checkUrl(url, open)).toThrow(EgressError);
  },
);

test("the operator's sample data pass at their own origin, and nothing beside it", () => {
  const rules = { allowPrivate: false, trustedOrigin: "http://127.0.0.1:9090" };
  expect(checkUrl("http://127.0.0.1:9090/xweb", rules).port).toBe("9090");
  for (const other of ["http://127.0.0.1:9091/", "https://127.0.0.1:9090/", "http://localhost:9090/"])
    expect(() => checkUrl(other, rules), other).toThrow(EgressError);
});

/** What `net.connect` would be told of a name. */
function resolve(rules: { allowPrivate: boolean }, all: boolean): Promise<unknown> {
  return new Promise((done, fail) => {
    guardedLookup(rules)("localhost", { all }, (error, address) => (error ? fail(error) : done(address)));
  });
}

test("a name that leads to a private address is refused when it is connected to", async () => {
  await expect(resolve(strict, true)).rejects.toThrow(/loopback address, which only an operator may allow/);
  await expect(resolve(strict, false)).rejects.toThrow(EgressError);
  expect(await resolve(open, true)).toContainEqual({ address: "127.0.0.1", family: 4 });
  expect(await resolve(open, false)).toMatch(/^(127\.0\.0\.1|::1)$/);
});

test("a name that leads nowhere is no refusal of ours", async () => {
  const looked = new Promise((_, fail) => guardedLookup(strict)("nowhere.invalid", {}, fail));
  await expect(looked).rejects.not.toBeInstanceOf(EgressError);
});
