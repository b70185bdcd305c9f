import type { HoldKind } from "../instance.ts";

/** The latest final answers to a mailing: sent, bounced or refused. */
export interface Window {
  readonly answers: number;
  readonly policyRefusals: number;
  readonly contentRefusals: number;
  readonly hardBounces: number;
}

/** So many of the latest answers are looked at… */
export const windowSize = 500;
/** …and fewer say nothing yet. */
const leastAnswers = 100;

const refusalPercent = 5;
const hardBouncePercent = 10;

/** Connection errors in a row, after which the relay is taken to be gone. */
export const mostConnectionErrors = 20;

export interface Trip {
  readonly kind: HoldKind;
  readonly message: string;
}

/**
 * Why a mailing must stop before it ruins the sender's name, or null while all is well. Bounds are inclusive: exactly
 * 5 % stops. (product 4.4, reliability P13)
 */
export function tripOf({ answers, policyRefusals, contentRefusals, hardBounces }: Window): Trip | null {
  if (answers < leastAnswers) return null;
  const reaches = (count: number, percent: number) => count * 100 >= percent * answers;
  const share = (count: number) => `${count} of the latest ${answers} (${((100 * count) / answers).toFixed(1)}%)`;
  if (reaches(policyRefusals, refusalPercent))
    return {
      kind: "policy_refusals",
      message: `Receiving servers refuse the sender: ${share(policyRefusals)}. Their answers stand with the recipients; sending on would harm the sender's name.`,
    };
  if (reaches(contentRefusals, refusalPercent))
    return {
      kind: "content",
      message: `Receiving servers refuse the message itself: ${share(contentRefusals)}. Their answers stand with the recipients.`,
    };
  if (reaches(hardBounces, hardBouncePercent))
    return {
      kind: "hard_bounces",
      message: `Too many addresses don't exist: ${share(hardBounces)}. The list may be old or the wrong one; sending on would harm the sender's name.`,
    };
  return null;
}

/** How long a lane waits after so many connection errors in a row: 20 of them take minutes, a restarted relay less. */
export function pauseAfterErrors(errors: number): number {
  return Math.min(500 * 2 ** (errors - 1), 60_000);
}
