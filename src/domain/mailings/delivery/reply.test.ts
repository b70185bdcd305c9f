import { expect, test } from "vitest";
import type { Answer, Step } from "../../../platform/mail/relay-line.ts";
import { type Verdict, verdictOf } from "./reply.rules.ts";

/** A verdict in one word: `hard`, `policy`, `hold connection`. */
function word(verdict: Verdict): string {
  switch (verdict.kind) {
    case "bounced":
      return verdict.bounce;
    case "refused":
      return verdict.isOurs ? "our bug" : verdict.fault;
    case "deferred":
      return verdict.isSlowDown ? "slow down" : "deferred";
    case "hold":
      return `hold ${verdict.hold}`;
    default:
      return verdict.kind;
  }
}

function judge(step: Step, text: string): string {
  const code = /^\d{3}/.exec(text)?.[0];
  return word(verdictOf({ kind: "reply", step, code: code === undefined ? null : Number(code), text }));
}

test.each<[string, string]>([
  ["250 2.0.0 Ok: queued as 12345", "sent"],
  ["250", "sent"],
  ["250-one\n250-two\n250 three", "sent"],
  ["250 größer", "sent"],
  ["252 maybe", "sent"],
  ["251 forwarded", "sent"],
  [`250 ${"x".repeat(4000)}`, "sent"],
  ["421 4.3.2 shutting down", "again"],
  ["099 what", "unsure"],
  ["600 what", "unsure"],
  ["354 go on", "unsure"],
  ["ABC", "unsure"],
  ["", "unsure"],
  ["451 4.3.0 try later", "deferred"],
  ["452 4.2.2 mailbox full", "deferred"],
  ["451 4.7.1 greylisted", "slow down"],
  ["421 4.7.28 rate limited", "slow down"],
  ["450 4.7.32 no DMARC alignment", "hold sender"],
  ["421 4.7.32 no DMARC alignment", "hold sender"],
  ["552 5.3.4 message too big", "content"],
  ["552 5.2.3 message size exceeds fixed limit", "content"],
  ["552 message size exceeds limit", "content"],
  ["554 5.6.0 bad MIME", "content"],
  ["554 5.7.1 spam", "policy"],
  ["550 5.7.26 unauthenticated", "policy"],
  ["550 5.7.515 Access denied, sending domain does not meet the required authentication level", "policy"],
  ["554 Message rejected as spam", "policy"],
  ["554 blocked using bl.example", "policy"],
  ["550 DMARC policy", "policy"],
  ["530 5.7.0 Must issue a STARTTLS command first", "hold connection"],
  ["535 5.7.8 authentication failed", "hold connection"],
])("4.5 after the whole message: %s → %s", (text, expected) => {
  expect(judge("message", text)).toBe(expected);
});

test.each<[string, string]>([
  ["550 5.1.1 no such user", "hard"],
  ["550-5.1.1 The email account that you tried to reach\n550-5.1.1 does not exist.\n550 5.1.1 gsmtp", "hard"],
  ["550 5.1.2 no such host", "hard"],
  ["553 5.1.3 bad syntax", "hard"],
  ["551 5.1.6 moved", "hard"],
  ["556 5.1.10 null MX", "hard"],
  ["550 5.2.1 disabled", "hard"],
  ["550 5.1.8 bad sender", "policy"],
  ["552 5.2.2 mailbox full", "soft"],
  ["552 mailbox is full", "soft"],
  ["550 5.4.1 Recipient address rejected: Access denied", "soft"],
  ["550 5.4.4 no route", "soft"],
  ["554 5.4.14 hop count", "soft"],
  ["501 5.5.4 syntax error", "our bug"],
  ["500 5.5.1 unknown command", "our bug"],
  ["503 5.5.1 bad sequence", "deferred"],
  ["503 bad sequence", "deferred"],
  ["550 user unknown", "hard"],
  ["550 No such user here", "hard"],
  ["550 mailbox not found", "hard"],
  ["550 account disabled", "hard"],
  ["550 relaying denied", "policy"],
  ["554 transaction failed", "soft"],
  ["550 requested action not taken", "soft"],
  ["550 5.0.0 user unknown", "hard"],
  ["550 5.0.0 rejected", "soft"],
  ["550 4.1.1 contradicts itself", "soft"],
  ["450 5.1.1 contradicts itself", "deferred"],
  ["450 4.2.0 greylisted", "deferred"],
  ["450 4.7.1 policy", "slow down"],
  ["421 too many connections", "again"],
  ["099 what", "again"],
  ["ABC", "again"],
  ["534 5.7.9 mechanism too weak", "hold connection"],
  ["538 5.7.11 encryption needed", "hold connection"],
])("4.5 at RCPT TO: %s → %s", (text, expected) => {
  expect(judge("rcpt", text)).toBe(expected);
});

test.each<[Step, string, string]>([
  ["mail", "550 5.1.1 no such user", "policy"],
  ["mail", "550 user unknown", "policy"],
  ["mail", "552 5.3.4 announced size too big", "content"],
  ["mail", "452 4.3.1 no room", "deferred"],
  ["mail", "530 5.7.0 authentication required", "hold connection"],
  ["data", "554 5.5.1 no valid recipients", "our bug"],
  ["data", "451 4.3.0 later", "deferred"],
  ["connect", "554 5.7.1 blocked", "again"],
  ["connect", "ABC", "again"],
  ["session", "554 go away", "again"],
  ["session", "421 4.4.2 time-out", "again"],
  ["auth", "535 5.7.8 wrong password", "hold connection"],
  ["auth", "504 no such mechanism", "hold connection"],
  ["auth", "454 4.7.0 temporary failure", "again"],
  ["here", "501 invalid recipient", "our bug"],
])("4.5 at %s: %s → %s", (step, text, expected) => {
  expect(judge(step, text)).toBe(expected);
});

test("4.4 no answer after the hand-over is unsure; before it, as if it had never been tried", () => {
  const lost = (isHandedOver: boolean): Answer => ({ kind: "lost", isHandedOver, reason: "gone" });
  expect(word(verdictOf(lost(true)))).toBe("unsure");
  expect(word(verdictOf(lost(false)))).toBe("again");
  expect(word(verdictOf({ kind: "withheld" }))).toBe("again");
});

test("4.5 hard is nothing but a 5xx to RCPT TO or to the message, whatever the code", () => {
  for (let code = 0; code < 1000; code += 1) {
    for (const step of ["connect", "auth", "session", "mail", "here"] as const)
      expect(judge(step, `${String(code).padStart(3, "0")} 5.1.1 user unknown`)).not.toBe("hard");
    if (code < 500 || code > 599)
      expect(judge("rcpt", `${String(code).padStart(3, "0")} 5.1.1 user unknown`)).not.toBe("hard");
  }
});
