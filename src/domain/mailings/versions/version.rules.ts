import type { UserId } from "../../accounts/user.ts";
import type { MailingContent, Sitting } from "./version.ts";

/** What a version keeps, by name. */
export const contentNames = [
  "fromName",
  "fromAddress",
  "replyTo",
  "subject",
  "preheader",
  "bodyKind",
  "body",
  "textPart",
] as const satisfies readonly (keyof MailingContent)[];

const sittingMinutes = 10;
/** A version goes when it was overtaken so long ago: what a mailing said at any moment since can be brought back. */
export const versionsKeptDays = 30;
/** Of each mailing; the oldest go at once. */
export const mostVersions = 100;

/** Whether there is anything in it for a version: names, groups and categories are not. */
export function isWrittenAnew(before: MailingContent, after: MailingContent): boolean {
  return contentNames.some((name) => before[name] !== after[name]);
}

export interface Save {
  readonly at: Temporal.Instant;
  readonly by: string;
  readonly byUser: UserId | null;
}

/**
 * Whether a save begins a version of its own, or still belongs to the one in the making: autosave comes every few
 * seconds, and one version for each author and sitting is enough. A sitting is over ten minutes after it began, so that
 * a long one leaves several. What was published or brought back stays as it was. And so does what stood before a save
 * that loses much: half of the body, or the blocks themselves, that became code. (product 4.1)
 */
export function beginsVersion(sitting: Sitting, before: MailingContent, after: MailingContent, save: Save): boolean {
  if (sitting.keptAs !== "edited") return true;
  if (sitting.savedBy !== save.by || sitting.savedByUser !== save.byUser) return true;
  if (Temporal.Instant.compare(save.at, sitting.beganAt.add({ minutes: sittingMinutes })) >= 0) return true;
  return after.bodyKind !== before.bodyKind || after.body.length * 2 <= before.body.length;
}
