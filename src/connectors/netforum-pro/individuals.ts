import { AmsError, type Individual, type IndividualPage } from "../connector.ts";
import { isGuid } from "./mapping.ts";

/**
 * Rows as the parser gives them (key, address, flag, then the fields) as individuals, with the cursor to go on from:
 * the last key as it came, since only the AMS knows its order.
 * @throws AmsError when no row has a key that could be one
 */
export function toPage(rows: readonly string[][], before: string): IndividualPage {
  let cursor = before;
  let hasKey = false;
  const individuals = rows.map((row) => {
    const individual = toIndividual(row);
    if (individual.fault !== "key_missing" && individual.fault !== "key_malformed") {
      cursor = (row[0] as string).trim();
      hasKey = true;
    }
    return individual;
  });
  if (!hasKey) {
    throw new AmsError(
      "incomplete",
      "netFORUM Pro's answer has rows without a single usable customer key; nothing was changed.",
      {
        detail: `first key: ${(rows[0]?.[0] ?? "").slice(0, 60)}`,
      },
    );
  }
  return { individuals, cursor: plainKey(cursor) };
}

function toIndividual(row: readonly string[]): Individual {
  const [key = "", email = "", flag = ""] = row;
  const remoteId = plainKey(key);
  const doNotEmail = toFlag(flag);
  const values: (string | null)[] = [];
  for (let place = 3; place < row.length; place += 1) values.push(row[place] || null);
  const person = { remoteId, email, doNotEmail: doNotEmail ?? false, values };
  if (remoteId === "") return { ...person, fault: "key_missing" };
  if (!isGuid(remoteId)) return { ...person, fault: "key_malformed" };
  return doNotEmail === undefined ? { ...person, fault: "flag_malformed" } : person;
}

function plainKey(key: string): string {
  if (key.length === 36 && key.charCodeAt(0) !== 123) return key.toLowerCase();
  return key
    .trim()
    .replace(/^\{|\}$/g, "")
    .toLowerCase();
}

/** @returns undefined for what is no flag: nobody may be mailed because a "no" was spelt oddly */
export function toFlag(text: string): boolean | undefined {
  if (text === "0" || text === "") return false;
  if (text === "1") return true;
  switch (text.trim().toLowerCase()) {
    case "1":
    case "-1":
    case "true":
    case "y":
    case "yes":
      return true;
    case "0":
    case "false":
    case "n":
    case "no":
    case "":
      return false;
    default:
      return undefined;
  }
}
