import type { Numbers } from "../ui/numbers.ts";
import { nameOf, outcomeLine, type Sync } from "../ui/sync-words.ts";
import type { Times } from "../ui/when.tsx";

/** One sentence that says what a sync does or did. */
export function headline(sync: Sync, numbers: Numbers, times: Times): string {
  const { count } = numbers;
  switch (sync.state) {
    case "queued":
      return `It ${lowerFirst(outcomeLine(sync, numbers, times))}.`;
    case "reading":
      if (sync.kind === "upload") return "It reads the file.";
      return `It reads ${sync.kind === "list" ? "the list" : nameOf(sync)} from netFORUM Pro.`;
    case "comparing":
      return "Everybody is read; it finds out who came and who went.";
    case "applying":
      return "It writes the difference; the group changes in one moment, at the end.";
    case "succeeded":
      return sync.kind === "list" ? "The list was read; no count was changed." : whatCameOfIt(sync, numbers);
    case "failed":
      return "It failed; nothing was changed.";
    case "held":
      return `It is held: ${people(sync.removed, count)} of ${count(sync.membersBefore)} would go and ${count(sync.added)} would come. Nothing was changed.`;
    case "cancelled":
      return `${outcomeLine(sync, numbers, times)}. Nothing was changed.`;
  }
}

function whatCameOfIt({ isDryRun, added, removed, updated, distinctValid }: Sync, { count }: Numbers): string {
  const inIt = people(distinctValid, count);
  if (added + removed + updated === 0) {
    return isDryRun ? `A resync would change nothing: still ${inIt}.` : `Nothing changed: still ${inIt}.`;
  }
  const [came, went, changed] = isDryRun ? ["would come", "would go", "would change"] : ["came", "went", "changed"];
  const parts = [
    ...(added > 0 ? [`${people(added, count)} ${came}`] : []),
    ...(removed > 0 ? [`${people(removed, count)} ${went}`] : []),
    ...(updated > 0 ? [`${people(updated, count)} ${changed}`] : []),
  ];
  return `${parts.join(", ")}; ${isDryRun ? `the group would have ${inIt}` : `the group now has ${inIt}`}.`;
}

const lowerFirst = (line: string) => line.charAt(0).toLowerCase() + line.slice(1);
const people = (many: number, count: Numbers["count"]) => `${count(many)} ${many === 1 ? "person" : "people"}`;
