import { expect, test } from "vitest";
import { reportOf } from "../../../../test/harness/bounces.ts";
import type { ReportGroup } from "./delivery-status.rules.ts";
import { readDeliveryStatus } from "./delivery-status.rules.ts";
import { isFlood } from "./flood.rules.ts";
import { judgeGroup, judgeGroups, judgeReply } from "./judge-report.rules.ts";
import { readReturned } from "./read-returned.ts";

const group = (more: Partial<ReportGroup>): ReportGroup => ({
  finalRecipient: "",
  originalRecipient: "",
  action: "failed",
  status: "",
  diagnostic: "",
  ...more,
});

test("4.5 where code and words differ the milder counts, and only what is for ever is hard", () => {
  for (const [status, said, kind] of [
    ["5.1.1", "550 5.1.1 user unknown", "hard"],
    ["5.0.0", "550 no such user", "hard"],
    ["", "550 no such user here", "hard"],
    ["5.1.1", "550 5.7.1 blocked by spamhaus", "policy"],
    ["5.1.1", "550 5.1.1 mailbox full", "soft"],
    ["4.1.1", "450 4.1.1 user unknown", "soft"],
    ["", "450 user unknown", "soft"],
    ["5.7.1", "550 5.7.1 user unknown", "policy"],
    ["5.0.0", "552 message size exceeds the maximum", "content"],
    ["5.0.0", "554 something went wrong", "soft"],
    ["5.1.1", "550 <full@spam.example>: no such user", "hard"],
  ] as const)
    expect(judgeReply(status, said).kind, `${status} ${said}`).toBe(kind);
});

test("4.5 delayed, delivered, relayed and expanded are no bounce", () => {
  for (const action of ["delayed", "delivered", "relayed", "expanded"])
    expect(judgeGroup(group({ action, status: "5.1.1" })), action).toBeNull();
});

test("4.5 of a report on several the group that names the address decides, else the mildest", () => {
  const hard = group({ finalRecipient: "a@example.org", status: "5.1.1" });
  const soft = group({ finalRecipient: "b@example.org", originalRecipient: "list@example.org", status: "5.2.2" });
  expect(judgeGroups([hard, soft], "A@example.org")?.kind).toBe("hard");
  expect(judgeGroups([hard, soft], "list@example.org")?.kind).toBe("soft");
  expect(judgeGroups([hard, soft], "other@example.org")?.kind).toBe("soft");
  expect(judgeGroups([hard], "other@example.org")?.kind, "forwarded: the return path wins").toBe("hard");
  expect(judgeGroups([], "a@example.org")).toBeNull();
});

test("4.5 fields are read folded, in any order and spelling, with or without blank lines between groups", () => {
  const text = [
    "Reporting-MTA: dns; mx",
    "",
    "final-recipient: <A@Example.org>",
    "STATUS: 5.1.1 (user unknown)",
    "Diagnostic-Code: smtp; 550 5.1.1",
    "\tno such user",
    "Action: Failed",
    "Final-Recipient: rfc822; b@example.org",
    "Action: delayed (for now)",
  ];
  for (const end of ["\n", "\r\n", "\r"]) {
    expect(readDeliveryStatus(text.join(end))).toEqual([
      group({ finalRecipient: "a@example.org", status: "5.1.1 (user unknown)", diagnostic: "550 5.1.1 no such user" }),
      group({ finalRecipient: "b@example.org", action: "delayed" }),
    ]);
  }
});

test("4.5 hostile mails are read in no time, and are nothing, or what their own words say", async () => {
  const report = reportOf({ to: "x@y.zz", about: "a@example.org", status: "5.1.1", said: "550 user unknown" });
  const nested = (depth: number) =>
    Array.from(
      { length: depth },
      (_, at) => `Content-Type: multipart/mixed; boundary="n${at}"\r\n\r\n--n${at}\r\n`,
    ).join("");
  const hostile = {
    empty: "",
    nul: "\0".repeat(1000),
    "10,000 parts": `Content-Type: multipart/mixed; boundary="b"\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(10_000)}`,
    "nested 1,000 deep": nested(1000),
    "broken base64": report.replace("\r\n\r\nReporting", "\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%Reporting"),
    "cut in the middle": report.slice(0, report.length / 2),
    "a head of 1 MB": `X: ${"y".repeat(1_000_000)}\r\n\r\nbody`,
    "100,000 groups": report.replace(
      "\r\n\r\n--b1--",
      `\r\n\r\n${"Final-Recipient: rfc822; a@b.cc\r\nAction: failed\r\n\r\n".repeat(100_000)}\r\n--b1--`,
    ),
    "a line of 2 MB": `From: MAILER-DAEMON@x\r\nSubject: failure notice\r\n\r\n${"user unknown ".repeat(160_000)}`,
    "no boundary": report.replace(/boundary="b1"/, ""),
  };
  for (const [name, raw] of Object.entries(hostile)) {
    const began = performance.now();
    await readReturned(Buffer.from(raw, "latin1"));
    expect(performance.now() - began, name).toBeLessThan(5000);
  }
  const lost = await readReturned(Buffer.from(hostile["no boundary"], "latin1"));
  expect(lost).toMatchObject({ kind: "report", groups: [{ finalRecipient: "a@example.org", status: "5.1.1" }] });
});

test("4.5 a flood is more than 20 % and more than 50", () => {
  expect(isFlood({ hard: 51, recipients: 254 })).toBe(true);
  expect(isFlood({ hard: 50, recipients: 60 })).toBe(false);
  expect(isFlood({ hard: 51, recipients: 255 })).toBe(false);
});
