import type { RejectReason } from "./row.rules.ts";

/** Where a person stands to a group: in it, sendable or not, or the step at which she dropped out. */
export type WhyVerdict =
  | "sendable"
  | "do_not_email"
  | "unsubscribed"
  | "bad_email"
  | "rejected"
  | "left"
  | "never_in"
  | "not_yet_counted"
  /** Of a compound group: Include doesn't find her, or Exclude takes her out. */
  | "not_included"
  | "excluded";

export interface WhyFacts {
  readonly standing: "do_not_email" | "unsubscribed" | "bad_email" | "sendable" | null;
  readonly isMember: boolean;
  readonly hasLeft: boolean;
  readonly reason: RejectReason | null;
  readonly isCounted: boolean;
}

/** Where a group's people come from: the query of an AMS of this name, or files. */
export type PeopleSource = { readonly kind: "query"; readonly amsName: string } | { readonly kind: "files" };

const rejections = (giver: string): Record<RejectReason, string> => ({
  key_missing: `The row that ${giver} gave has no customer key.`,
  key_malformed: `The row that ${giver} gave has a customer key that can't be read.`,
  flag_malformed: `The row that ${giver} gave has a do-not-e-mail flag that can't be read.`,
  without_address: `${capitalize(giver)} has no e-mail address for this person.`,
  malformed_address: `What ${giver} has as e-mail address is none.`,
  duplicate_address: "Another person of the group has the same e-mail address, and came first.",
  duplicate_key: "The same person came twice in the read; the first row counts.",
  erased: "The person was erased on request, and stays out until an administrator lifts that.",
});
const capitalize = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const answers = {
  query: {
    giver: "the AMS",
    left: "Was in the group, but the query no longer finds this person.",
    notYetCounted: "The group was never read: resync it to learn who is in it.",
  },
  files: {
    giver: "the file",
    left: "Was in the group, but a later file did not have this person.",
    notYetCounted: "No file was imported so far: upload one to say who is in it.",
  },
};

/** Why somebody is or isn't mailed with a group, and the sentence for it. (product 1.6) */
export function whyOf(
  facts: WhyFacts,
  source: PeopleSource,
): { readonly verdict: WhyVerdict; readonly sentence: string } {
  const { giver, left, notYetCounted } = answers[source.kind];
  if (facts.isMember && facts.standing) return { verdict: facts.standing, sentence: standings[facts.standing] };
  if (facts.reason) return { verdict: "rejected", sentence: rejections(giver)[facts.reason] };
  if (facts.hasLeft) return { verdict: "left", sentence: left };
  if (!facts.isCounted) return { verdict: "not_yet_counted", sentence: notYetCounted };
  const last = source.kind === "query" ? `The last read from ${source.amsName}` : "The last file";
  return { verdict: "never_in", sentence: `${last} did not have this person.` };
}

const standings = {
  sendable: "Is in the group and gets its mailings.",
  do_not_email:
    "Is in the group, but is marked 'do not e-mail' in the AMS. The person's own page says who can lift it.",
  unsubscribed: "Is in the group, but unsubscribed here.",
  bad_email: "Is in the group, but mail to the address came back.",
};
