import type { Answer, Reply } from "../../../platform/mail/relay-line.ts";
import { findStatusCode, kindOfStatus, type StatusCode } from "../status-code.rules.ts";

/** What an answer of the relay means for a recipient, and for the mailing. */
export type Verdict =
  | { readonly kind: "sent" }
  /** The server has not got it, and it is nobody's fault: as if it had never been tried. */
  | { readonly kind: "again" }
  /** Later. `isSlowDown`: the receiving domain wants fewer. */
  | { readonly kind: "deferred"; readonly isSlowDown: boolean }
  /** Hard: the address is no good, for any mailing. Soft: not now, or not this time. */
  | { readonly kind: "bounced"; readonly bounce: "hard" | "soft" }
  /** The sender's fault (policy) or the mailing's (content): says nothing about the person. `isOurs`: a bug of ours. */
  | { readonly kind: "refused"; readonly fault: "policy" | "content"; readonly isOurs: boolean }
  /** Nothing more goes out until a person has looked. */
  | { readonly kind: "hold"; readonly hold: "connection" | "sender" }
  /** Cut off in the one moment in which nobody can know. (product 4.4) */
  | { readonly kind: "unsure" };

const again: Verdict = { kind: "again" };
const deferred: Verdict = { kind: "deferred", isSlowDown: false };
const slowDown: Verdict = { kind: "deferred", isSlowDown: true };
const hard: Verdict = { kind: "bounced", bounce: "hard" };
const soft: Verdict = { kind: "bounced", bounce: "soft" };
const policy: Verdict = { kind: "refused", fault: "policy", isOurs: false };
const content: Verdict = { kind: "refused", fault: "content", isOurs: false };
const ourBug: Verdict = { kind: "refused", fault: "content", isOurs: true };
const unsure: Verdict = { kind: "unsure" };

/** Sign-in wanted or refused: it would be so for everybody. */
const signInCodes = [530, 534, 535, 538];

const userUnknown =
  /user (?:is )?unknown|unknown (?:user|recipient|mailbox|address)|no such (?:user|mailbox|recipient|address|account)|(?:user|mailbox|recipient|account|address)\b.{0,60}\b(?:not found|does(?:n.t| not) exist|not exist|is disabled|has been disabled|disabled)|no mailbox|invalid (?:recipient|mailbox)|null mx/i;
const mailboxFull = /mailbox.{0,20}full|over.{0,6}quota|quota exceeded|insufficient.{0,10}storage|exceeded storage/i;
const tooLarge = /too (?:big|large)|size (?:exceed|limit)|exceeds.{0,20}(?:size|limit)|message size/i;
const senderRefused =
  /spam|block(?:ed|list)|black ?list|denylist|reputation|dmarc|\bspf\b|dkim|policy|unsolicited|bulk|rate ?limit|not (?:allowed|authori[sz]ed|permitted)|relay(?:ing)?\b.{0,20}(?:denied|prohibited)|abus/i;

/**
 * Judges an answer. A verdict too hard cuts off a real person, so what is not known to be hard is soft. (product 4.5;
 * RFC 5321, RFC 3463; reliability 1.4 F)
 */
export function verdictOf(answer: Answer): Verdict {
  if (answer.kind === "withheld") return again;
  if (answer.kind === "lost") return answer.isHandedOver ? unsure : again;
  const { step, code, text } = answer;
  const isAfterMessage = step === "message";
  if (code !== null && code >= 200 && code < 300 && isAfterMessage) return { kind: "sent" };
  if (code === null || code < 400 || code > 599) return isAfterMessage ? unsure : again;
  if (signInCodes.includes(code) || (step === "auth" && code >= 500)) return { kind: "hold", hold: "connection" };
  // What is said to no step of a message is about the session, never about a recipient.
  if (step === "connect" || step === "auth" || step === "session") return again;
  if (step === "here") return ourBug;
  const status = statusOf(text, code);
  // The session ends, which says nothing about the recipient; unless the sender is sending too fast, or badly.
  if (code === 421 && !status?.rest.startsWith("7.")) return again;
  return code < 500 ? judgePassing(status) : judgeFinal(answer, status);
}

/** 4xx: not now. */
function judgePassing(status: StatusCode | null): Verdict {
  // Gmail: the sender's domain is not aligned with its DMARC record. It will say so to everybody.
  if (status?.rest === "7.32") return { kind: "hold", hold: "sender" };
  return status?.rest.startsWith("7.") ? slowDown : deferred;
}

/** 5xx: not at all; whose fault, the finer code says, or else the text. */
function judgeFinal({ step, code, text }: Reply, status: StatusCode | null): Verdict {
  if (code === 503) return deferred;
  if (status?.rest.startsWith("5.")) return ourBug;
  const kind = status && kindOfStatus(status);
  // At MAIL FROM nobody has been named yet: it can only be about the sender, or the message's announced size.
  if (step === "mail") return kind === "content" || code === 552 || tooLarge.test(text) ? content : policy;
  switch (kind) {
    case "hard":
      return hard;
    case "soft":
      return soft;
    case "policy":
      return policy;
    case "content":
      return content;
    default:
      return judgeByText(text);
  }
}

/** Without a code that says enough. */
function judgeByText(text: string): Verdict {
  if (senderRefused.test(text)) return policy;
  if (mailboxFull.test(text)) return soft;
  if (tooLarge.test(text)) return content;
  return userUnknown.test(text) ? hard : soft;
}

/** The finer code; null where there is none, or it contradicts the first digit. */
function statusOf(text: string, code: number): StatusCode | null {
  const status = findStatusCode(text);
  return status?.class === Math.floor(code / 100) ? status : null;
}
