import type { Schema } from "../../api/client.ts";
import type { Tone } from "../../ui/sync-words.ts";

export type Writeback = Schema<"Writeback">;
export type WritebackState = Writeback["state"];
export type Summary = Schema<"WritebackSummary">;

export const typeWords: Record<Writeback["type"], string> = {
  unsubscribe: "Unsubscribe",
  resubscribe: "Resubscribe",
  bad_email: "Bad e-mail",
};

/** The words for where a writeback stands, how loud each is, and what it means. (product 5.2) */
export const writebackWords: Record<
  WritebackState,
  { readonly word: string; readonly tone: Tone; readonly about: string }
> = {
  ready: { word: "Ready", tone: "quiet", about: "waits for its time" },
  processing: { word: "Processing", tone: "busy", about: "is on its way" },
  sent: { word: "Sent", tone: "good", about: "has reached netFORUM Pro" },
  failed: { word: "Failed", tone: "bad", about: "was refused three times and waits for you" },
  superseded: { word: "Superseded", tone: "quiet", about: "something newer was decided before it was sent" },
  withdrawn: { word: "Withdrawn", tone: "quiet", about: "was taken back before it was sent" },
};

export const writebackStates = Object.keys(writebackWords) as readonly WritebackState[];

/** Whom it is about, in one line; an erased person has only the key. */
export const personOf = ({ email, remoteId }: Pick<Writeback, "email" | "remoteId">) => email ?? remoteId;
