import type { Answer } from "../../../platform/mail/relay-line.ts";
import { nextTryAt } from "./deferral.rules.ts";
import type { Claimed, Outcome } from "./recipient-store.ts";
import type { Verdict } from "./reply.rules.ts";

/** A relay that ends the session at the same recipient so often means the recipient. */
const mostSessionsEnded = 3;
const longestReply = 1000;

/**
 * What a verdict makes of one recipient.
 * @param now when the answer came
 */
export function outcomeOf(
  recipient: Pick<Claimed, "place" | "tries" | "firstTriedAt">,
  answer: Answer,
  verdict: Verdict,
  now: Temporal.Instant,
): Outcome {
  // What never came to a message says nothing about its recipient.
  const isTried = answer.kind === "lost" || (answer.kind === "reply" && !["connect", "auth"].includes(answer.step));
  const base = {
    place: recipient.place,
    isTried,
    at: now,
    dueAt: null,
    replyCode: answer.kind === "reply" ? answer.code : null,
    reply: replyText(answer),
    bounceKind: null,
  };
  switch (verdict.kind) {
    case "sent":
    case "unsure":
      return { ...base, state: verdict.kind };
    case "bounced":
      return { ...base, state: "bounced", bounceKind: verdict.bounce };
    case "refused":
      return { ...base, state: "refused", bounceKind: verdict.fault };
    case "hold":
      return { ...base, state: "waiting", isTried: false };
    case "again":
      if (!isTried || recipient.tries + 1 < mostSessionsEnded) return { ...base, state: "waiting" };
      return putOff(recipient, base, now);
    case "deferred":
      return putOff(recipient, base, now);
  }
}

function putOff(
  { tries, firstTriedAt }: Pick<Claimed, "tries" | "firstTriedAt">,
  base: Omit<Outcome, "state">,
  now: Temporal.Instant,
): Outcome {
  const dueAt = nextTryAt(tries + 1, firstTriedAt ?? now, now);
  return dueAt ? { ...base, state: "deferred", dueAt } : { ...base, state: "bounced", bounceKind: "soft" };
}

/** The relay's own words, for people and for the database: which takes no NUL, and nobody reads control characters. */
function replyText(answer: Answer): string | null {
  if (answer.kind === "withheld") return null;
  const text = answer.kind === "reply" ? answer.text : answer.reason;
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}]+/gu, " ")
    .trim();
  return clean === "" ? null : clean.slice(0, longestReply);
}
