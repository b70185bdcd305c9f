import type { AmsErrorKind } from "../../connectors/connector.ts";
import { retryAfterRefusal, retryAfterSilence } from "./due.rules.ts";

/** What a try that did not go through comes to. */
export interface TryOutcome {
  readonly state: "ready" | "failed";
  readonly tries: number;
  readonly unanswered: number;
  /** It may have reached the AMS: the next try asks first. */
  readonly isUnsure: boolean;
  readonly dueAt: Temporal.Instant;
}

/** Kinds that say nothing about the person: the AMS was not there, or something stood in its place. */
const silent: ReadonlySet<AmsErrorKind> = new Set(["unreachable", "token"]);
/** Kinds after which nobody knows whether the change was made. */
const unsure: ReadonlySet<AmsErrorKind> = new Set(["unreachable", "incomplete", "limit", "cancelled"]);

/**
 * What follows a failed try (product 5.2). No answer counts as no try and is tried again soon; every other failure is one
 * of three, then it has failed.
 * @param before how often it was refused and unanswered until now, and whether it was unsure already
 */
export function outcomeOfFailure(
  kind: AmsErrorKind,
  before: { readonly tries: number; readonly unanswered: number; readonly isUnsure: boolean },
  now: Temporal.Instant,
): TryOutcome {
  const isUnsure = before.isUnsure || unsure.has(kind);
  if (silent.has(kind)) {
    const unanswered = before.unanswered + 1;
    return { state: "ready", tries: before.tries, unanswered, isUnsure, dueAt: retryAfterSilence(unanswered, now) };
  }
  const tries = before.tries + 1;
  const dueAt = retryAfterRefusal(tries, now);
  return { state: dueAt ? "ready" : "failed", tries, unanswered: 0, isUnsure, dueAt: dueAt ?? now };
}

/** So many failures in a row that are the site's and not a person's: who sends stops, and the bridge's circuit counts one. */
export const mostSiteFailures = 5;

/** Whether a failure speaks of the site instead of the person. */
export function isSiteFailure(kind: AmsErrorKind): boolean {
  return silent.has(kind) || kind === "incomplete" || kind === "limit";
}
