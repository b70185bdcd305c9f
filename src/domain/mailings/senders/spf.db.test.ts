import { expect, test } from "vitest";
import { type NameServer, startNameServer } from "../../../../test/harness/name-server.ts";
import { createWorld } from "../../../../test/harness/world.ts";
import { addDomain } from "./change-domains.ts";
import { checkDomain } from "./check-domain.ts";

/** What is said of a domain's SPF record when DNS holds these, by a real name server. */
async function createSpfWorld() {
  const names = await startNameServer();
  const settings = { publicUrl: "https://lockstep.example.net", bounceDomain: null, spfTerm: "ip4:192.0.2.7" };
  const { own } = await createWorld({ dnsServers: [names.address], settings });
  const { id } = await addDomain(own.ctx, "example.org");
  names.set("mail.example.org", "A", "192.0.2.9");
  names.set("example.org", "A", "192.0.2.9");
  names.set("example.org", "MX", "10 mail.example.org");
  const judge = async (text: string) => {
    names.set("example.org", "TXT", text);
    const { findings } = await checkDomain(own.ctx, id);
    return findings.find(({ kind }) => kind === "spf");
  };
  return { names, judge };
}

/** A chain of records, each of which includes the next: so many look-ups behind the first. */
function chain(names: NameServer, name: string, length: number, end = "ip4:192.0.2.1"): void {
  for (let at = 1; at <= length; at += 1) {
    const next = at === length ? end : `include:${name}${at + 1}.example`;
    names.set(`${name}${at}.example`, "TXT", `v=spf1 ${next} -all`);
  }
}

const own = "v=spf1 ip4:192.0.2.7";

test("4.5 SPF look-ups are counted through includes and redirects: ten are well, eleven are not", async () => {
  const { names, judge } = await createSpfWorld();
  chain(names, "deep", 8);
  names.set("last.example", "TXT", "v=spf1 a mx -all");
  names.set("last.example", "A", "192.0.2.1");
  names.set("last.example", "MX", "10 mail.example.org");
  const ten = await judge(`${own} include:deep1.example a mx -all`);
  expect(ten).toMatchObject({ status: "ok" });
  const eleven = await judge(`${own} include:deep1.example a mx exists:mail.example.org -all`);
  expect(eleven).toMatchObject({ status: "wrong", message: expect.stringContaining("more than 10 look-ups") });
  expect(await judge(`${own} include:deep1.example redirect=last.example`)).toMatchObject({ status: "wrong" });
  expect(await judge(`${own} include:deep2.example redirect=last.example`)).toMatchObject({ status: "ok" });
  // Behind the end nothing is looked up, a redirect beside it neither.
  expect(
    await judge(`${own} include:deep1.example -all a mx exists:mail.example.org redirect=last.example`),
  ).toMatchObject({
    status: "ok",
  });
});

test("4.5 SPF records that include each other come to an end: they are too many look-ups", async () => {
  const { names, judge } = await createSpfWorld();
  names.set("a.example", "TXT", "v=spf1 include:b.example -all");
  names.set("b.example", "TXT", "v=spf1 include:a.example include:a.example include:example.org -all");
  expect(await judge(`${own} include:a.example -all`)).toMatchObject({
    status: "wrong",
    message: expect.stringContaining("more than 10 look-ups"),
  });
});

test("4.5 two look-ups of SPF may find nothing, a third makes the record void; RFC 7208 4.6.4", async () => {
  const { names, judge } = await createSpfWorld();
  expect(await judge(`${own} a:no1.example mx:no2.example -all`)).toMatchObject({ status: "ok" });
  names.set("in.example", "TXT", "v=spf1 exists:no3.example -all");
  expect(await judge(`${own} a:no1.example mx:no2.example include:in.example -all`)).toMatchObject({
    status: "wrong",
    message: expect.stringContaining("no1.example, no2.example, no3.example"),
  });
  // What depends on the sender's address can't be looked up here.
  expect(await judge(`${own} exists:%{i}.a.example exists:%{i}.b.example exists:%{i}.c.example -all`)).toMatchObject({
    status: "ok",
  });
});

test("4.5 an included SPF record that is missing, there twice or unreadable spoils the whole, and is named", async () => {
  const { names, judge } = await createSpfWorld();
  names.set("twice.example", "TXT", "v=spf1 -all", "v=spf1 ~all");
  names.set("typo.example", "TXT", "v=spf1 ipv4:192.0.2.1 -all");
  names.set("outer.example", "TXT", "v=spf1 include:twice.example -all");
  for (const [terms, message] of [
    ["include:gone.example", /^gone\.example, .*no SPF record/],
    ["include:outer.example", /^twice\.example, .*several SPF records/],
    ["include:typo.example", /^typo\.example has .*ipv4:192\.0\.2\.1/],
    ["redirect=gone.example", /^gone\.example, .*no SPF record/],
    ["ipv6:2001:db8::1", /ipv6:2001:db8::1/],
  ] as const)
    expect(await judge(`${own} ${terms}${terms.startsWith("redirect") ? "" : " -all"}`), terms).toMatchObject({
      status: "wrong",
      message: expect.stringMatching(message),
    });
});

test("4.5 an included name that nobody answers for is a warning within seconds, however many there are", async () => {
  const { names, judge } = await createSpfWorld();
  for (const at of [1, 2, 3, 4, 5, 6]) names.silence(`mute${at}.example`);
  const began = performance.now();
  const finding = await judge(`${own} ${[1, 2, 3, 4, 5, 6].map((at) => `include:mute${at}.example`).join(" ")} -all`);
  expect(finding).toMatchObject({
    status: "warning",
    message: expect.stringMatching(/mute1\.example.*does not answer/),
  });
  expect(performance.now() - began).toBeLessThan(5000);
});
