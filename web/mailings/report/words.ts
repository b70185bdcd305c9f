import type { Schema } from "../../api/client.ts";

export type Report = Schema<"Report">;
export type Totals = Schema<"ReportTotals">;

/** What recipients are looked for by. */
export const answerWords = {
  waiting: "Not sent yet",
  delivered: "Delivered",
  bounced: "Bounced",
  refused: "Refused",
  unsure: "Unsure",
  opened: "Opened (estimate)",
  clicked: "Clicked",
  unsubscribed: "Unsubscribed",
  complained: "Complained",
} as const;
export type Answer = keyof typeof answerWords;

/** Why mails came back. (product 4.5) */
export const bounceWords: Record<keyof Totals["bouncedBy"], string> = {
  hard: "No such mailbox or host",
  soft: "Mailbox full, or not reachable for long",
  policy: "The receiver's policy",
  content: "The mailing itself",
  unknown: "For other reasons",
};

/** Two numbers as a share; of nothing there is none. */
export const shareOf = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
