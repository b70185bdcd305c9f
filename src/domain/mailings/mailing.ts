import type { UserId } from "../accounts/user.ts";
import type { CategoryId } from "../bridges/opt-out-category.ts";
import type { GroupId } from "../target-groups/target-group.ts";

export type MailingId = string & { readonly __brand: "MailingId" };
export type InstanceId = string & { readonly __brand: "InstanceId" };

export const bodyKinds = ["blocks", "mjml", "html"] as const;
export type BodyKind = (typeof bodyKinds)[number];

export const mailingStates = ["draft", "scheduled", "in_progress", "on_hold", "sent", "cancelled"] as const;
/** Of a mailing's latest instance; one that was never published is a draft. */
export type MailingState = (typeof mailingStates)[number];

/** Whom a mailing goes to: groups to send to, and groups not to send to. (product 4.1) */
export interface Audience {
  readonly to: readonly GroupId[];
  readonly notTo: readonly GroupId[];
}

/** What is written. Each publishing of it is an instance of its own. */
export interface Mailing {
  readonly id: MailingId;
  readonly isTemplate: boolean;
  readonly name: string;
  readonly state: MailingState;
  readonly fromName: string;
  readonly fromAddress: string;
  /** Empty: answers go to the sender. */
  readonly replyTo: string;
  readonly subject: string;
  readonly preheader: string;
  readonly bodyKind: BodyKind;
  /** A document of blocks as JSON, MJML, or HTML. */
  readonly body: string;
  /** Null while it is made from the body. */
  readonly textPart: string | null;
  readonly audience: Audience;
  /** The kind of mailing that people can opt out of in the AMS; a note, which leaves nobody out. */
  readonly optOutCategoryId: CategoryId | null;
  readonly ownerId: UserId | null;
  readonly createdAt: Temporal.Instant;
  readonly createdBy: string;
  readonly updatedAt: Temporal.Instant;
  readonly updatedBy: string;
  readonly archivedAt: Temporal.Instant | null;
  /** Rises with every change by a person: a second editor is told, not overwritten. */
  readonly version: number;
}

/** One line of the checklist before publishing. Nothing goes out while one blocks. */
export interface Check {
  /** Stable, for programs: `unknown_field`. */
  readonly code: string;
  readonly severity: "ok" | "warning" | "blocks";
  readonly message: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly wayOut: string;
}
