import { allBlocks, type Block, readDocument } from "../document/document.ts";
import type { Content } from "../mailing.ts";

/** What a version keeps of a mailing. */
export type Written = Pick<
  Content,
  "fromName" | "fromAddress" | "replyTo" | "subject" | "preheader" | "bodyKind" | "body" | "textPart"
>;

/** One line of the envelope that was another. */
export interface FieldDifference {
  readonly label: string;
  readonly was: string;
  readonly now: string;
}

const fields = {
  subject: "Subject",
  preheader: "Preheader",
  fromName: "From, name",
  fromAddress: "From, address",
  replyTo: "Reply to",
} as const;

/** Lines of the envelope that differ. */
export function fieldDifferences(then: Written, now: Written): readonly FieldDifference[] {
  return Object.entries(fields).flatMap(([name, label]) => {
    const [a, b] = [then[name as keyof typeof fields], now[name as keyof typeof fields]];
    return a === b ? [] : [{ label, was: a, now: b }];
  });
}

export const kindWords: Readonly<Record<Content["bodyKind"], string>> = {
  blocks: "blocks",
  mjml: "MJML code",
  html: "HTML",
};

const blocks = (count: number) => (count === 1 ? "1 block" : `${count} blocks`);

/** What differs in the bodies and text parts, in sentences. */
export function bodyDifferences(then: Written, now: Written): readonly string[] {
  return [...bodySentences(then, now), ...textSentences(then.textPart, now.textPart)];
}

function bodySentences(then: Written, now: Written): readonly string[] {
  if (then.bodyKind !== now.bodyKind)
    return [`The body was ${kindWords[then.bodyKind]}; now it is ${kindWords[now.bodyKind]}.`];
  if (then.body === now.body) return [];
  const [before, after] = [readDocument(then.body), readDocument(now.body)];
  if (then.bodyKind !== "blocks" || !before || !after) return ["The body differs."];
  const [old, current] = [spelled(allBlocks(before)), spelled(allBlocks(after))];
  const gone = [...old.keys()].filter((id) => !current.has(id)).length;
  const added = [...current.keys()].filter((id) => !old.has(id)).length;
  const changed = [...old].filter(([id, text]) => current.has(id) && current.get(id) !== text).length;
  const found = [
    changed > 0 && `${blocks(changed)} ${changed === 1 ? "reads" : "read"} differently.`,
    gone > 0 && `${blocks(gone)} of this version ${gone === 1 ? "is" : "are"} not in the mailing now.`,
    added > 0 && `${blocks(added)} of the mailing now ${added === 1 ? "is" : "are"} not in this version.`,
    JSON.stringify(before.style) !== JSON.stringify(after.style) && "Colours, typeface or width differ.",
  ].filter((sentence) => sentence !== false);
  return found.length > 0 ? found : ["The blocks stand in another order."];
}

/** Each block by its id, as text. What stands in columns are blocks of their own. */
function spelled(list: readonly Block[]): ReadonlyMap<string, string> {
  return new Map(
    list.map((block) => [block.id, JSON.stringify(block.kind === "columns" ? { ...block, columns: null } : block)]),
  );
}

function textSentences(then: string | null, now: string | null): readonly string[] {
  if (then === now) return [];
  if (then === null) return ["The text part was made from the body; now it is written by hand."];
  if (now === null) return ["The text part was written by hand; now it is made from the body."];
  return ["The text part differs."];
}
