import type { UserId } from "../../accounts/user.ts";
import type { Mailing } from "../mailing.ts";

/** What is written in a mailing: what a version keeps, and what is brought back. */
export type MailingContent = Pick<
  Mailing,
  "fromName" | "fromAddress" | "replyTo" | "subject" | "preheader" | "bodyKind" | "body" | "textPart"
>;

export const keptAs = ["edited", "published", "restored"] as const;
/** Why it was kept: written, sent out as it stood, or brought back from an earlier one. */
export type KeptAs = (typeof keptAs)[number];

/** A version as a list shows it, without what is written in it. */
export interface VersionLine {
  /** From 1 on, in the order they were begun; the highest is what stands in the mailing now. */
  readonly number: number;
  readonly beganAt: Temporal.Instant;
  readonly savedAt: Temporal.Instant;
  readonly savedBy: string;
  readonly keptAs: KeptAs;
  readonly restoredFrom: number | null;
  readonly subject: string;
  readonly bodyKind: Mailing["bodyKind"];
  /** Of the body, in bytes. */
  readonly bytes: number;
  /** What differs from the version before; null for the oldest that is kept. */
  readonly changed: readonly (keyof MailingContent)[] | null;
  /** Whether it is what stands in the mailing now. */
  readonly isCurrent: boolean;
}

export type Version = VersionLine & MailingContent;

/** A version in the making: what decides whether the next save still belongs to it. */
export interface Sitting {
  readonly number: number;
  readonly beganAt: Temporal.Instant;
  readonly savedBy: string;
  readonly savedByUser: UserId | null;
  readonly keptAs: KeptAs;
}
