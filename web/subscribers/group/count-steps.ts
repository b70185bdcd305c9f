import type { Schema } from "../../api/client.ts";

/** The steps of Count Details, in their order. (product 1.6) */
export const countSteps = [
  "total_records",
  "unusable",
  "without_address",
  "malformed_address",
  "duplicate",
  "distinct_valid",
  "do_not_email",
  "unsubscribed",
  "bad_email",
  "sendable",
] as const;
export type CountStep = (typeof countSteps)[number];

type Reason = Schema<"RejectedRow">["reason"];
type Standing = Schema<"Member">["standing"];

/** Steps whose people are rows that could not be used. */
export type RejectStep = "unusable" | "without_address" | "malformed_address" | "duplicate";

/** Who stands behind a step: members, of one standing perhaps, or rows that could not be used. */
export interface PeopleOfStep {
  readonly standing?: Standing;
  readonly rejected?: RejectStep;
  readonly showsMembers: boolean;
  readonly showsRejected: boolean;
}

const rejectedBy = (rejected: RejectStep): PeopleOfStep => ({ rejected, showsMembers: false, showsRejected: true });
const members = (standing?: Standing): PeopleOfStep => ({
  ...(standing && { standing }),
  showsMembers: true,
  showsRejected: false,
});

export const peopleOfStep: Record<CountStep, PeopleOfStep> = {
  total_records: { showsMembers: true, showsRejected: true },
  unusable: rejectedBy("unusable"),
  without_address: rejectedBy("without_address"),
  malformed_address: rejectedBy("malformed_address"),
  duplicate: rejectedBy("duplicate"),
  distinct_valid: members(),
  do_not_email: members("do_not_email"),
  unsubscribed: members("unsubscribed"),
  bad_email: members("bad_email"),
  sendable: members("sendable"),
};

export const reasonWords: Record<Reason, string> = {
  key_missing: "no customer key",
  key_malformed: "customer key of a wrong form",
  flag_malformed: "do-not-email flag of a wrong form",
  without_address: "no e-mail address",
  malformed_address: "malformed address",
  duplicate_address: "address is already in the group",
  duplicate_key: "customer key is already in the group",
  erased: "erased on request",
};
