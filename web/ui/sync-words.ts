import type { Schema } from "../api/client.ts";
import type { Numbers } from "./numbers.ts";
import { waitLine } from "./wait-words.ts";
import type { Times } from "./when.tsx";

export type Sync = Schema<"Sync">;
export type SyncState = Sync["state"];

/** The words for a sync's state, and how loud it is. */
export const stateWords: Record<SyncState, { readonly word: string; readonly tone: Tone }> = {
  queued: { word: "Waiting", tone: "quiet" },
  reading: { word: "Reading", tone: "busy" },
  comparing: { word: "Comparing", tone: "busy" },
  applying: { word: "Applying", tone: "busy" },
  succeeded: { word: "Done", tone: "good" },
  failed: { word: "Failed", tone: "bad" },
  held: { word: "Held", tone: "warn" },
  cancelled: { word: "Cancelled", tone: "quiet" },
};

export type Tone = "quiet" | "busy" | "good" | "warn" | "bad";

export const triggerWords: Record<Sync["trigger"], string> = {
  login: "Sign-in",
  folder_refresh: "Refresh Target Group List (folder)",
  bridge_refresh: "Refresh Target Group List (bridge)",
  resync: "Resync Target Group",
  publish: "Publish",
  nightly: "Nightly Sync",
  campaign: "Campaign",
  api: "API",
  cli: "Command line",
  upload: "Upload",
};

/** Why a sync is held, as a sentence: the server's words stand after a colon elsewhere. */
export function heldSentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

export function isOpen(state: SyncState): boolean {
  return state === "queued" || isRunning(state);
}

export function isRunning(state: SyncState): boolean {
  return state === "reading" || state === "comparing" || state === "applying";
}

export function nameOf(sync: Pick<Sync, "kind" | "groupName">): string {
  return sync.kind === "list" ? "Target group list" : (sync.groupName ?? "Target group");
}

/** One line on how far it is or what came of it. */
export function outcomeLine(sync: Sync, numbers: Numbers, times: Times): string {
  const { count } = numbers;
  switch (sync.state) {
    case "queued":
      return waitingLine(sync, numbers, times);
    case "reading":
      return sync.rowsExpected === null
        ? `Reading: ${count(sync.rowsRead)} rows so far`
        : `Reading ${count(sync.rowsRead)} of about ${count(sync.rowsExpected)}`;
    case "comparing":
      return `Comparing ${count(sync.rowsRead)} rows`;
    case "applying":
      return `Applying: ${count(sync.rowsApplied)} rows`;
    case "succeeded":
      return sync.kind === "list" ? listLine(sync, numbers) : differenceLine(sync, numbers);
    case "failed":
      return sync.errorMessage ?? "Failed";
    case "held":
      return sync.heldReason === null ? "Held" : heldSentence(sync.heldReason);
    case "cancelled":
      return sync.cancelRequestedBy ? `Cancelled by ${sync.cancelRequestedBy}` : "Cancelled";
  }
}

/** What it waits for, and behind how many. */
function waitingLine({ kind, waitsBehind, waitsFor }: Sync, { count }: Numbers, times: Times): string {
  const line = waitsFor === null ? "Waits" : waitLine(waitsFor, kind === "list" ? "list" : "group", times);
  if (!waitsBehind) return line;
  const behind = waitsBehind === 1 ? "behind one other" : `behind ${count(waitsBehind)} others`;
  return waitsFor?.reason === "turn" ? `Waits ${behind}` : `${line}; ${behind}`;
}

function differenceLine({ isDryRun, added, removed, updated }: Sync, { count }: Numbers): string {
  const parts = [
    ...(added > 0 ? [`+${count(added)}`] : []),
    ...(removed > 0 ? [`−${count(removed)}`] : []),
    ...(updated > 0 ? [`${count(updated)} changed`] : []),
  ];
  if (parts.length === 0) return isDryRun ? "Would change nothing" : "Nothing changed";
  return isDryRun ? `Would be ${parts.join(", ")}` : parts.join(", ");
}

function listLine({ listChanges }: Sync, { count }: Numbers): string {
  if (!listChanges) return "The list was read";
  const { added, renamed, missing, revived } = listChanges.groups.counts;
  const parts = [
    [added, "new"],
    [renamed, "renamed"],
    [missing, "missing"],
    [revived, "back"],
  ] as const;
  const said = parts.filter(([many]) => many > 0).map(([many, word]) => `${count(many)} ${word}`);
  return said.length === 0 ? "Nothing new" : said.join(", ");
}
