import type { Schema } from "../../api/client.ts";
import type { Tone } from "../../ui/sync-words.ts";

/** The words for a night's state. */
export const runWords: Record<Schema<"NightlyRun">["state"], { readonly word: string; readonly tone: Tone }> = {
  listing: { word: "Reading the list", tone: "busy" },
  syncing: { word: "Syncing groups", tone: "busy" },
  done: { word: "Done", tone: "good" },
};
