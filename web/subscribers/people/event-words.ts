import type { Schema } from "../../api/client.ts";

export type PersonEvent = Schema<"PersonEvent">;

/** What a person's timeline may be about. */
export const subjects = [
  { value: "groups", label: "Groups" },
  { value: "mailings", label: "Mailings" },
  { value: "status", label: "Status" },
  { value: "writebacks", label: "Writebacks" },
] as const;
export type Subject = (typeof subjects)[number]["value"];

/** What happened; of groups and mailings the name follows. */
export const eventWords: Record<PersonEvent["kind"], string> = {
  created: "Came to Lockstep",
  joined: "Came into",
  left: "Left",
  sent: "Was sent",
  not_sent: "Not sent so far:",
  left_out: "Left out of",
  bounced: "Bounced:",
  refused: "Refused:",
  unsure: "Unsure whether it arrived:",
  opened: "Opened (estimate)",
  clicked: "Clicked in",
  unsubscribed_by_mailing: "Unsubscribed by",
  complained: "Complained about",
  unsubscribed: "Unsubscribed",
  resubscribed: "Resubscribed",
  bad_email: "Bad e-mail",
  bad_email_lifted: "Bad e-mail taken back",
  writeback: "Writeback",
};

/** Who said no, or took it back. (product 2.4) */
export const originWords: Record<string, string> = {
  person: "by the person",
  administrator: "by an administrator",
  complaint: "by a complaint",
};

const writebackTypes: Record<string, string> = {
  unsubscribe: "Unsubscribe",
  resubscribe: "Resubscribe",
  bad_email: "Bad e-mail",
};
const writebackStates: Record<string, string> = {
  ready: "waits for its turn",
  processing: "is on its way",
  sent: "sent",
  failed: "failed",
  superseded: "superseded by a later one",
  withdrawn: "withdrawn before it was sent",
};

/** "Writeback to netFORUM Pro: Unsubscribe, sent" */
export function writebackTitle({ writebackType, writebackState }: PersonEvent): string {
  const [type, state] = [writebackType ?? "", writebackState ?? ""];
  return `Writeback to netFORUM Pro: ${writebackTypes[type] ?? type}, ${writebackStates[state] ?? state}`;
}
