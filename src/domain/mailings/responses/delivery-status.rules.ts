/** One recipient's group of a delivery report. (RFC 3464, 2.3) */
export interface ReportGroup {
  /** Addresses without their type; empty where the report names none. */
  readonly finalRecipient: string;
  readonly originalRecipient: string;
  /** Lower case: failed, delayed, delivered, relayed, expanded; empty where it isn't said. */
  readonly action: string;
  readonly status: string;
  readonly diagnostic: string;
}

/** A mail may not make us read for ever. */
const mostGroups = 100;

/**
 * Reads the fields of a delivery report, as it is sent and not only as it should be: folded lines, groups without a blank
 * line between, types left out, fields of any spelling.
 * @param text with lines of any end
 */
export function readDeliveryStatus(text: string): readonly ReportGroup[] {
  const groups: Map<string, string>[] = [];
  let group: Map<string, string> | undefined;
  for (const line of unfold(text)) {
    const [, name = "", value = ""] = /^([\w-]{2,60})\s*:\s*(.*)$/.exec(line) ?? [];
    const field = name.toLowerCase();
    if (field === "") {
      group = undefined;
      continue;
    }
    // A group that begins without a blank line: the field is there already.
    if (!group || (isRecipient(field) && group.has(field))) {
      if (groups.length >= mostGroups) break;
      group = new Map();
      groups.push(group);
    }
    if (!group.has(field)) group.set(field, value.trim());
  }
  return joinSplit(groups)
    .filter((fields) => [...fields.keys()].some(isRecipient) || fields.has("action"))
    .map((fields) => ({
      finalRecipient: addressOf(fields.get("final-recipient")),
      originalRecipient: addressOf(fields.get("original-recipient")),
      action: (fields.get("action") ?? "").toLowerCase().split(/[\s(]/)[0] ?? "",
      status: fields.get("status") ?? "",
      diagnostic: (fields.get("diagnostic-code") ?? "").replace(/^[\w-]{1,20}\s*;\s*/, ""),
    }));
}

const isRecipient = (field: string) => field === "final-recipient" || field === "original-recipient";

/** Some put blank lines inside a group: what has no recipient of its own belongs to the one before. */
function joinSplit(groups: readonly Map<string, string>[]): readonly Map<string, string>[] {
  const joined: Map<string, string>[] = [];
  for (const fields of groups) {
    const before = joined.at(-1);
    const hasRecipient = [...fields.keys()].some(isRecipient);
    const isRest = !hasRecipient && before !== undefined && [...before.keys()].some(isRecipient);
    if (isRest) for (const [name, value] of fields) before.has(name) || before.set(name, value);
    else joined.push(new Map(fields));
  }
  return joined;
}

function unfold(text: string): readonly string[] {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\n[ \t]+(?=\S)/g, " ")
    .split("\n");
}

/** `rfc822; <maria@example.org>`, or the address alone. */
function addressOf(value = ""): string {
  const bare = value.replace(/^[\w-]{1,20}\s*;\s*/, "");
  return (/[^\s<>,;"]+@[^\s<>,;"]+/.exec(bare)?.[0] ?? "").toLowerCase();
}
