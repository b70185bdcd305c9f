/**
 * What a refusal says about whom: shared by what the receiving server answers at once (delivery) and by what comes back
 * later (responses), so that one code never has two meanings.
 */

/**
 * `hard`: the address is no good (user, host or mailbox unknown, moved, disabled). `soft`: not now, or it can't be told.
 * `policy`: the sender's fault; `content`: the mailing's, or ours. The last two say nothing about the person.
 * (product 4.5, reliability 1.4 F)
 */
export type BounceKind = "hard" | "soft" | "policy" | "content";

/** Whole codes whose meaning differs from what their subject (the second number) says of the rest. */
const exact: Readonly<Record<string, BounceKind>> = {
  "1.1": "hard", // bad destination mailbox address
  "1.2": "hard", // bad destination system address
  "1.3": "hard", // bad destination mailbox address syntax
  "1.6": "hard", // destination mailbox has moved
  "1.10": "hard", // the domain says by a null MX that it takes no mail (RFC 7505)
  "1.7": "policy", // bad sender's mailbox address syntax
  "1.8": "policy", // bad sender's system address
  "1.9": "soft", // message relayed to a server that says no such things
  "2.1": "hard", // mailbox disabled
  "2.2": "soft", // mailbox full
  "2.3": "content", // longer than the mailbox takes
  "3.4": "content", // too big for the system
  "4.3": "soft", // directory server failure
  "4.4": "soft", // unable to route
};

/** By subject (RFC 3463 section 3): addressing, mailbox, mail system, network, protocol, content, policy. */
const bySubject: Readonly<Record<string, BounceKind>> = {
  "0": "soft",
  "1": "soft",
  "2": "soft",
  "3": "soft",
  "4": "soft",
  "5": "content",
  "6": "content",
  "7": "policy",
};

/** Codes that tell nothing: what stands in words decides. */
const vague = new Set(["0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "1.4", "1.5"]);

/** An enhanced status code in a text: `5.1.1`, as RFC 3463 has it. */
const form = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])/;

export interface StatusCode {
  /** 2 success, 4 not now, 5 never. */
  readonly class: 2 | 4 | 5;
  /** Subject and detail: `1.1`. */
  readonly rest: string;
}

/** @returns the first enhanced status code in a text, or null */
export function findStatusCode(text: string): StatusCode | null {
  const [, first, subject, detail] = form.exec(text) ?? [];
  if (first === undefined) return null;
  return { class: Number(first) as 2 | 4 | 5, rest: `${Number(subject)}.${Number(detail)}` };
}

/**
 * What a code of class 4 or 5 says by itself, or null where it says too little. Only a permanent code is ever hard: a
 * server that says 4.1.1 means that it could not look.
 */
export function kindOfStatus(status: StatusCode): BounceKind | null {
  if (status.class === 2 || vague.has(status.rest)) return null;
  const kind = exact[status.rest] ?? bySubject[status.rest.split(".")[0] ?? ""] ?? "soft";
  return kind === "hard" && status.class === 4 ? "soft" : kind;
}
