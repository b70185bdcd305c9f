import fc from "fast-check";
import { expect, test } from "vitest";
import type { DnsAnswer } from "../../../platform/dns.ts";
import { spfRecord, spfTermOf } from "./dns-records.rules.ts";
import { domainNameOf, signingNamesFor } from "./domain-name.rules.ts";
import { judgeDkim, judgeDmarc, judgeMx, judgeSpf } from "./judge-dns.rules.ts";
import { readSpf } from "./spf.rules.ts";

const found = (...records: string[]): DnsAnswer<string> => ({ state: "found", records });
const none = { state: "none" } as const;
const failed = { state: "failed", reason: "does not answer" } as const;
const key = { selector: "lockstep-k7mq", publicKey: "MIIBIjANBgkq".repeat(32) };
const term = { text: "include:spf.relay.example", isGiven: true };

test("4.5 a domain is compared in IDNA form and lower case; what is none is refused", () => {
  expect(domainNameOf(" Bücher.Example. ")).toBe("xn--bcher-kva.example");
  expect(domainNameOf("MAIL.Example.org")).toBe("mail.example.org");
  for (const text of ["", "localhost", "a..b", "-a.org", "a@b.org", "https://a.org", "1.2.3.4", "a b.org", "x.org/y"])
    expect(domainNameOf(text), text).toBeNull();
});

test("4.5 a signature counts from the address's own domain and its parents, never from a top-level domain", () => {
  expect(signingNamesFor("Ana@News.Example.ORG")).toEqual(["news.example.org", "example.org"]);
  expect(signingNamesFor("nobody")).toEqual([]);
  expect(signingNamesFor("a@org")).toEqual([]);
});

test.each([
  ["ok", found("v=spf1 -all", `v=DKIM1; k=rsa; p=${key.publicKey}`)],
  ["ok", found(`k=rsa; p=${key.publicKey.replace(/(.{99})/g, "$1 ")}`)],
  ["warning", found(`v=DKIM1; t=y:s; p=${key.publicKey}`)],
  ["wrong", found(`v=DKIM1; p=${key.publicKey.slice(0, 240)}`)],
  ["wrong", found("v=DKIM1; p=")],
  ["wrong", found("v=DKIM1; p=AAAA")],
  ["wrong", found(`p=${key.publicKey}`, `p=${key.publicKey}`)],
  ["missing", found("something else")],
  ["missing", none],
  ["warning", failed],
] as const)("4.5 DKIM is %s when DNS says %j", (status, answer) => {
  const finding = judgeDkim("dkim", "example.org", key, answer);
  expect(finding.status).toBe(status);
  expect(finding.record?.name).toBe("lockstep-k7mq._domainkey.example.org");
  expect(judgeDkim("dkim", "example.org", key, found(finding.record?.value ?? "")).status).toBe("ok");
});

test("4.5 a DKIM key that a form cut off is said to be cut off", () => {
  expect(judgeDkim("dkim", "example.org", key, found(`v=DKIM1; p=${key.publicKey.slice(0, 240)}`)).message).toBe(
    "The key is cut off after 240 of 384 letters: paste it whole, or in pieces of at most 255 characters.",
  );
});

test.each([
  ["ok", found("v=spf1 include:spf.relay.example ~all")],
  ["ok", found("other", "V=SPF1 mx +include:SPF.relay.example redirect=x.example")],
  ["wrong", found("v=spf1 mx -all")],
  ["wrong", found("v=spf1 include:spf.relay.example +all")],
  ["wrong", found("v=spf1 include:spf.relay.example all")],
  ["wrong", found("v=spf1 -all", "v=spf1 include:spf.relay.example -all")],
  ["warning", found("v=spf1 include:spf.relay.example")],
  ["missing", found("v=spf10 -all")],
  ["missing", none],
  ["warning", failed],
] as const)("4.5 SPF is %s when DNS says %j", (status, answer) => {
  expect(judgeSpf("example.org", term, answer, null).status).toBe(status);
});

test.each([
  ["v=spf1 -all", [], null],
  [
    "v=spf1 a mx/24 +a:Mail.Example.COM./24//64 ptr ~all",
    ["a example.org", "mx example.org", "a mail.example.com", "ptr null"],
    null,
  ],
  ["V=SPF1 ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.example redirect=x.example", ["redirect x.example"], null],
  ["v=spf1 redirect=x.example include:%{d}.y.example ?all exists:z.example", ["include null"], null],
  ["v=spf1 include: -all", [], "include:"],
  ["v=spf1 a:x.example ip4 -all", ["a x.example"], "ip4"],
  ["v=spf1 all:x", [], "all:x"],
] as const)("4.5 of SPF '%s' receivers look up %j", (text, lookups, unreadable) => {
  const read = readSpf(text, "example.org");
  expect(read.lookups.map(({ kind, name }) => `${kind} ${name}`)).toEqual(lookups);
  expect(read.unreadable).toBe(unreadable);
});

test("4.5 the SPF record to paste keeps what stands there, is one, and is right once pasted", () => {
  const terms = fc.constantFrom("mx", "a", "ip4:192.0.2.1", "include:a.example", "include:b.example", "~all", "-all");
  const records = fc.array(
    fc.array(terms, { maxLength: 6 }).map((list) => ["v=spf1", ...list].join(" ")),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(records, (there) => {
      const { value } = spfRecord("example.org", there, term.text);
      expect(judgeSpf("example.org", term, found(value), null).status).toBe("ok");
      for (const part of there.flatMap((text) => text.split(" ")).filter((text) => /:|mx|^a$/.test(text)))
        expect(value.split(" ")).toContain(part);
    }),
  );
});

test("4.5 without a word from the operator, SPF must name the machine that mails come from", () => {
  expect(spfTermOf("https://lockstep.example.org")).toBe("a:lockstep.example.org");
  expect(spfTermOf("https://203.0.113.7:8443")).toBe("ip4:203.0.113.7");
  expect(spfTermOf("https://[2001:db8::1]")).toBe("ip6:2001:db8::1");
  for (const local of ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"])
    expect(spfTermOf(local)).toBeNull();
  const derived = { text: "a:lockstep.example.org", isGiven: false };
  expect(judgeSpf("example.org", derived, found("v=spf1 include:x.example -all"), null).status).toBe("warning");
});

test.each([
  ["ok", [found("v=DMARC1; p=none")]],
  ["ok", [none, found("v=DMARC1;p=reject; adkim=r")]],
  ["warning", [found("v=DMARC1; p=reject; adkim=s")]],
  ["wrong", [found("v=DMARC1; p=later"), found("v=DMARC1; p=none")]],
  ["wrong", [found("v=DMARC1")]],
  ["wrong", [found("v=DMARC1; p=none", "v=DMARC1; p=reject")]],
  ["missing", [found("v=spf1 -all"), none]],
  ["missing", []],
  ["warning", [failed, found("v=DMARC1; p=none")]],
] as const)("4.5 DMARC is %s when DNS says %j", (status, answers) => {
  expect(judgeDmarc("news.example.org", answers).status).toBe(status);
});

test("4.5 a sender that can't be answered is missing its MX; a null MX is wrong; an address alone is a warning", () => {
  const mx = (exchange: string) => ({ state: "found", records: [{ exchange, priority: 10 }] }) as const;
  expect(judgeMx(mx("mail.example.org"), none).status).toBe("ok");
  expect(judgeMx(mx(""), found("192.0.2.1")).status).toBe("wrong");
  expect(judgeMx(none, found("192.0.2.1")).status).toBe("warning");
  expect(judgeMx(none, none).status).toBe("missing");
  expect(judgeMx(failed, none).status).toBe("warning");
});
