import { type BounceKind, findStatusCode, kindOfStatus, type StatusCode } from "../status-code.rules.ts";
import { kindOfWords } from "./bounce-words.rules.ts";
import type { ReportGroup } from "./delivery-status.rules.ts";

/** What a report says of one recipient. */
export interface Verdict {
  readonly kind: BounceKind;
  /** What the server said, or the code where it said nothing. */
  readonly reason: string;
  /** What decided; by `nothing` it is soft, since it can't be told. */
  readonly by: "code" | "words" | "nothing";
}

/** From the one that harms a person least. */
const mildness: readonly BounceKind[] = ["policy", "content", "soft", "hard"];
const mildest = (kinds: readonly BounceKind[]) => mildness.find((kind) => kinds.includes(kind));

/**
 * Judges one group of a report; null when it is no failure: delayed, delivered, relayed, expanded. Where code and words
 * differ the milder one counts, and hard takes a permanent code of few, or plain words where the code is vague: a wrong
 * *hard* cuts off a real person. (product 4.5, reliability 1.4 G)
 */
export function judgeGroup(group: ReportGroup): Verdict | null {
  if (group.action !== "" && group.action !== "failed") return null;
  return judgeReply(group.status, group.diagnostic);
}

/** The same for what a server or a program said in words. */
export function judgeReply(status: string, said: string): Verdict {
  const codes = [findStatusCode(status), findStatusCode(said)].filter((code) => code !== null);
  const reason = (said || status).replace(/\s+/g, " ").slice(0, 500);
  const inWords = kindOfWords(said);
  const byCode = mildest(codes.flatMap((code) => kindOfStatus(code) ?? []));
  if (byCode === undefined) {
    if (inWords === null) return { kind: "soft", reason, by: "nothing" };
    const isFinal = !isTemporary(codes, said);
    return { kind: inWords === "hard" && !isFinal ? "soft" : inWords, reason, by: "words" };
  }
  if (byCode !== "hard") return { kind: byCode, reason, by: "code" };
  return {
    kind: isTemporary(codes, said) ? "soft" : (mildest([byCode, inWords ?? byCode]) ?? byCode),
    reason,
    by: "code",
  };
}

/** A reply of class 4 is never the last word, whatever it says. */
function isTemporary(codes: readonly StatusCode[], said: string): boolean {
  return codes.some((code) => code.class === 4) || (codes.length === 0 && /^\W*4\d\d[ -]/.test(said));
}

/**
 * One verdict for one send: of the group that names the address, or of the only one. A report on several others (the
 * mail was forwarded, or went on to a list) is as good as its mildest, for nobody knows which of them ours is.
 */
export function judgeGroups(groups: readonly ReportGroup[], address: string): Verdict | null {
  const key = address.toLowerCase();
  const own = groups.filter((group) => group.finalRecipient === key || group.originalRecipient === key);
  const judged = (own.length > 0 ? own : groups).map(judgeGroup).filter((verdict) => verdict !== null);
  const kind = mildest(judged.map((verdict) => verdict.kind));
  return judged.find((verdict) => verdict.kind === kind) ?? null;
}
