import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "..", "..", "shared", "fixtures", "bounces");

/** Real bounces of many providers; they lie beside the project, and tests that need them are skipped, visibly, without. */
export const hasBounces = existsSync(folder);

/** Names of the mails: `bsd…` are bounces, complaints and answers, `not…` are neither. */
export function bounceNames(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".eml"));
}

export function bounceMail(name: string): Buffer {
  return readFileSync(join(folder, name));
}

/** A delivery report as Postfix sends it. */
export function reportOf(options: {
  readonly to: string;
  readonly about: string;
  readonly status: string;
  readonly said: string;
  readonly action?: string;
}): string {
  const { to, about, status, said, action = "failed" } = options;
  const lines = [
    "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    "Subject: Undelivered Mail Returned to Sender",
    `To: ${to}`,
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    "",
    "--b1",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "I'm sorry to have to inform you that your message could not be delivered.",
    "",
    "--b1",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.net",
    "",
    `Final-Recipient: rfc822; ${about}`,
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${said}`,
    "",
    "--b1--",
    "",
  ];
  return lines.join("\r\n");
}
