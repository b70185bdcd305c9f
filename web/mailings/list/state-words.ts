import type { Tone } from "../../ui/sync-words.ts";
import type { ListedMailing } from "../mailing.ts";

type State = ListedMailing["state"];

/** The words for a mailing's state: that of its latest instance. */
export const mailingStateWords: Readonly<Record<State, { readonly word: string; readonly tone: Tone }>> = {
  draft: { word: "Draft", tone: "quiet" },
  scheduled: { word: "Scheduled", tone: "quiet" },
  in_progress: { word: "In progress", tone: "busy" },
  on_hold: { word: "On hold", tone: "warn" },
  sent: { word: "Sent", tone: "good" },
  cancelled: { word: "Cancelled", tone: "quiet" },
};

/** What an instance under way is doing. */
export const stepWords: Readonly<Record<NonNullable<ListedMailing["latest"]>["state"], string>> = {
  scheduled: "Scheduled",
  syncing: "Syncing groups",
  building: "Building the audience",
  counting_down: "About to send",
  sending: "Sending",
  paused: "Paused",
  on_hold: "On hold",
  sent: "Sent",
  cancelled: "Cancelled",
};
