import type { Schema } from "../api/client.ts";

export type Mailing = Schema<"Mailing">;
export type ListedMailing = Schema<"ListedMailing">;
export type Check = Schema<"Check">;

/** What an editor changes, and the API keeps. */
export type Content = Pick<
  Mailing,
  | "name"
  | "fromName"
  | "fromAddress"
  | "replyTo"
  | "subject"
  | "preheader"
  | "bodyKind"
  | "body"
  | "textPart"
  | "audience"
  | "optOutCategoryId"
>;

export function contentOf(mailing: Mailing): Content {
  const { name, fromName, fromAddress, replyTo, subject, preheader, bodyKind, body, textPart } = mailing;
  const { audience, optOutCategoryId } = mailing;
  return {
    name,
    fromName,
    fromAddress,
    replyTo,
    subject,
    preheader,
    bodyKind,
    body,
    textPart,
    audience,
    optOutCategoryId,
  };
}

/** What differs, as the API takes it. */
export function changesBetween(before: Content, after: Content): Partial<Content> {
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Content]),
  );
  return Object.fromEntries(changed);
}
